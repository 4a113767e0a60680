//! The section of a page that is written here, between two marks. What is around it, others write.

use std::fs;

use anyhow::{Context, Result};

use crate::{process, repository};

/// Puts a section into docs/performance.md, in place of what the same command, for example `bench --clients`, has written before.
///
/// # Errors
/// When the page cannot be read or written.
pub(super) fn write(command: &str, section: &str) -> Result<()> {
    let page = repository::root().join("docs").join("performance.md");
    let old = fs::read_to_string(&page).with_context(|| format!("cannot read {}", page.display()))?;
    fs::write(&page, replace(&old, command, section))
        .with_context(|| format!("cannot write {}", page.display()))
}

/// The commit that is measured; with `-dirty`, if files differ from it.
///
/// # Errors
/// When git fails.
pub(super) fn commit() -> Result<String> {
    process::output(repository::command("git").args(["describe", "--always", "--dirty", "--exclude", "*"]))
}

fn replace(old: &str, command: &str, section: &str) -> String {
    // `benches/src/report.rs` knows how these begin: it keeps what follows when it writes the page anew.
    let begin = format!("<!-- Written by `cargo xtask {command}`: do not edit. -->\n");
    let end = format!("<!-- End of what `cargo xtask {command}` writes. -->\n");
    let (before, after) = match old.split_once(&begin) {
        None => (format!("{}\n\n", old.trim_end()), ""),
        Some((before, rest)) => (before.to_owned(), rest.split_once(&end).map_or("", |(_, after)| after)),
    };
    format!("{before}{begin}\n{}\n\n{end}{after}", section.trim_end())
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn a_section_is_added_and_replaced() {
        let once = replace("# Page\n\nText\n", "bench --clients", "## One\n");
        assert!(once.starts_with("# Page\n\nText\n\n<!-- Written by"), "{once}");
        assert!(
            once.ends_with("\n\n## One\n\n<!-- End of what `cargo xtask bench --clients` writes. -->\n"),
            "{once}"
        );
        let followed = format!("{once}\nAfter\n");
        assert_eq!(replace(&followed, "bench --clients", "## Two"), followed.replace("One", "Two"));
    }

    #[test]
    fn sections_of_several_commands_stay_apart() {
        let one = replace("# Page\n", "bench --clients", "## One\n");
        let both = replace(&one, "bench --node", "## Two\n");
        assert_eq!(replace(&both, "bench --clients", "## Three"), both.replace("One", "Three"));
        assert_eq!(replace(&both, "bench --node", "## Three"), both.replace("Two", "Three"));
    }
}
