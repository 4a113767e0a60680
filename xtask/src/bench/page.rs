//! The sections of a page that are written here, each between two marks. What is around them, others write.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Puts a section into a page, in place of the one that the same command has put there. `command` is that of the benchmarks, as in
/// `bench --clients`.
///
/// # Errors
/// When the page cannot be read or written.
pub(super) fn write(page: &Path, command: &str, section: &str) -> Result<()> {
    let old = fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
    fs::write(page, replace(&old, command, section))
        .with_context(|| format!("cannot write {}", page.display()))
}

fn replace(old: &str, command: &str, section: &str) -> String {
    // `benches/src/report.rs` knows how it begins: it keeps what follows when it writes the page anew.
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
        let once = replace("# Page\n\nText\n", "bench --a", "## One\n");
        assert!(once.starts_with("# Page\n\nText\n\n<!-- Written by"), "{once}");
        assert!(
            once.ends_with("\n\n## One\n\n<!-- End of what `cargo xtask bench --a` writes. -->\n"),
            "{once}"
        );
        let followed = format!("{once}\nAfter\n");
        assert_eq!(replace(&followed, "bench --a", "## Two"), followed.replace("One", "Two"));
    }

    #[test]
    fn a_section_leaves_others_alone() {
        let once = replace("# Page\n", "bench --a", "## One\n");
        let both = replace(&once, "bench --b", "## Two\n");
        assert!(both.starts_with(&once) && both.contains("## Two"), "{both}");
        assert_eq!(replace(&both, "bench --a", "## Three"), both.replace("One", "Three"));
    }
}
