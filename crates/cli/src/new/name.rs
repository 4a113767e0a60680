//! What a plug-in may be called: a name that is good as a crate, a Go module, an npm package, a folder and a file.

use thiserror::Error;

/// The longest name, in bytes: it is a part of file names.
const LONGEST: usize = 64;

/// Keywords and crates of Rust's that a crate cannot have as its name.
const RUST: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// What Go builds into something else than a plug-in.
const GO: &[&str] = &["main", "plugin"];

/// Folders that the tools make inside a project, and files that Windows cannot have.
const FILES: &[&str] = &[
    "aux",
    "build",
    "com1",
    "com2",
    "com3",
    "com4",
    "con",
    "deps",
    "examples",
    "incremental",
    "lpt1",
    "lpt2",
    "lpt3",
    "lpt4",
    "node_modules",
    "nul",
    "pdk",
    "prn",
    "target",
];

/// Crates that a project depends on.
const CRATES: &[&str] = &["plugwright", "plugwright_convert", "plugwright_pdk", "plugwright_pdk_derive"];

/// Why a name cannot be, and which one can.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{name}` cannot be the name of a plug-in: {reason}; try `{}`", suggestion(name))]
pub(crate) struct BadName {
    name: String,
    reason: String,
}

/// Checks a name.
///
/// # Errors
///
/// When it is not good in every language; so a plug-in never has to be renamed because of another one.
pub(crate) fn check(name: &str) -> Result<(), BadName> {
    let bad = |reason: String| Err(BadName { name: name.to_owned(), reason });
    if name.is_empty() {
        return bad("it is empty".to_owned());
    }
    if let Some(c) = name.chars().find(|c| !is_allowed(*c)) {
        return bad(format!("it contains {c:?}, and names are of the letters a to z, digits, `-` and `_`"));
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return bad("it does not begin with a letter".to_owned());
    }
    if name.ends_with(is_separator) {
        return bad("it does not end with a letter or digit".to_owned());
    }
    if name.len() > LONGEST {
        return bad(format!("it is longer than {LONGEST} letters"));
    }
    match reserved(name) {
        Some(reason) => bad(reason.to_owned()),
        None => Ok(()),
    }
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || is_separator(c)
}

fn is_separator(c: char) -> bool {
    c == '-' || c == '_'
}

/// What else has this name.
fn reserved(name: &str) -> Option<&'static str> {
    let name = &*name.replace('-', "_");
    if RUST.contains(&name) {
        Some("it is a word of Rust's own")
    } else if GO.contains(&name) {
        Some("it is a package of Go's own")
    } else if CRATES.contains(&name) {
        Some("it is a package that plug-ins depend on")
    } else if FILES.contains(&name) {
        Some("tools use a file or folder of this name themselves")
    } else {
        None
    }
}

/// A valid name that is like this one.
fn suggestion(name: &str) -> String {
    let mut like = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if is_allowed(c) && !is_separator(c) {
            like.push(c);
        } else if !like.is_empty() && !like.ends_with(is_separator) {
            like.push(if c == '_' { '_' } else { '-' });
        }
    }
    like.truncate(LONGEST - "my-".len());
    like.truncate(like.trim_end_matches(is_separator).len());
    if like.is_empty() {
        "hello".to_owned()
    } else if !like.starts_with(|c: char| c.is_ascii_lowercase()) || reserved(&like).is_some() {
        format!("my-{like}")
    } else {
        like
    }
}

#[cfg(test)]
mod tests {
    use super::{CRATES, FILES, GO, LONGEST, RUST, check, suggestion};

    #[test]
    fn good_names() {
        for name in ["a", "hello", "hello-world", "count_vowels", "x2", "tests", &"a".repeat(LONGEST)] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn bad_names_and_what_to_try_instead() {
        for (name, word, instead) in [
            ("", "empty", "hello"),
            ("Hello World", "'H'", "hello-world"),
            ("naïve", "'ï'", "na-ve"),
            ("a/b", "'/'", "a-b"),
            ("2fast", "begin with a letter", "my-2fast"),
            ("_x", "begin with a letter", "x"),
            ("x-", "end with a letter", "x"),
            ("..", "'.'", "hello"),
            ("test", "Rust", "my-test"),
            ("proc-macro", "Rust", "my-proc-macro"),
            ("plugin", "Go", "my-plugin"),
            ("Plugin", "'P'", "my-plugin"),
            ("plugwright-pdk", "depend on", "my-plugwright-pdk"),
            ("nul", "tools", "my-nul"),
            (&"a".repeat(LONGEST + 1), "longer", &"a".repeat(LONGEST - 3)),
        ] {
            let error = check(name).unwrap_err().to_string();
            assert!(error.contains(word) && error.ends_with(&format!("; try `{instead}`")), "{error}");
        }
    }

    #[test]
    fn every_suggestion_is_valid() {
        let reserved = RUST.iter().chain(GO).chain(FILES).chain(CRATES).map(|name| (*name).to_owned());
        let odd = ["", "-", "Ünïcode", "9", "--a--b--", "a__-b", "ẞ", "MOD"].map(str::to_owned);
        let long = [format!("{}-b", "a".repeat(LONGEST - 4)), "9".repeat(100)];
        for name in reserved.chain(odd).chain(long) {
            let suggested = suggestion(&name);
            assert_eq!(check(&suggested), Ok(()), "{name}: {suggested}");
        }
    }
}
