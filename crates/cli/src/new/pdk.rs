//! The plug-in development kits, which a project carries in its folder `pdk/`.
//!
//! The sources are those of the repository's `pdks/`, one text for each language. They are copies in this package's own
//! folder, because a published package has nothing but that. `cargo xtask pdks` makes them, and a test of xtask says when
//! they are old.

use crate::language::Language;

/// Stands in front of each file, and is followed by its path.
const MARK: &str = "=== ";

/// The files of a language's kit, each with its path in the folder `pdk/` and its content.
pub(super) fn files(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    split(match language {
        Language::Rust => include_str!("../../pdk/rust.txt"),
        Language::Go => include_str!("../../pdk/go.txt"),
        Language::C => include_str!("../../pdk/c.txt"),
        Language::Zig => include_str!("../../pdk/zig.txt"),
        Language::AssemblyScript => include_str!("../../pdk/assemblyscript.txt"),
        Language::JavaScript | Language::TypeScript => include_str!("../../pdk/js.txt"),
    })
}

fn split(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text.strip_prefix(MARK);
    std::iter::from_fn(move || {
        let text = rest?;
        let path_end = text.find('\n')?;
        let end = text[path_end..].find(&format!("\n{MARK}")).map(|at| path_end + at + 1);
        rest = end.map(|end| &text[end + MARK.len()..]);
        Some((&text[..path_end], &text[path_end + 1..end.unwrap_or(text.len())]))
    })
}

#[cfg(test)]
mod tests {
    use super::{Language, files, split};

    #[test]
    fn files_are_told_apart() {
        let found: Vec<_> = split("=== a\nx == y\n=== b/c\n=== d\n\n").collect();
        assert_eq!(found, [("a", "x == y\n"), ("b/c", ""), ("d", "\n")]);
        assert_eq!(split("").count(), 0);
    }

    #[test]
    fn each_language_has_a_kit() {
        for (language, file) in [
            (Language::Rust, "src/lib.rs"),
            (Language::Go, "go.mod"),
            (Language::C, "plugwright.h"),
            (Language::Zig, "plugwright.zig"),
            (Language::AssemblyScript, "plugwright.ts"),
            (Language::JavaScript, "index.d.ts"),
            (Language::TypeScript, "web.d.ts"),
        ] {
            let found = files(language).find(|(path, _)| *path == file);
            let (_, content) = found.unwrap_or_else(|| panic!("{language}: no {file}"));
            assert!(content.ends_with('\n'), "{language}: {file}");
            for (path, _) in files(language) {
                assert!(!path.split('/').any(|part| part.is_empty() || part == ".."), "{language}: {path}");
            }
        }
    }
}
