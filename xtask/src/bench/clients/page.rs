//! The section of a page that is written here, between two marks. What is around it, others write.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// The beginning, which `benches/src/report.rs` knows as well: it keeps what follows when it writes the page anew.
const BEGIN: &str = "<!-- Written by `cargo xtask bench --clients`: do not edit. -->\n";
const END: &str = "<!-- End of what `cargo xtask bench --clients` writes. -->\n";

/// Puts a section into a page, in place of the one that is there.
///
/// # Errors
/// When the page cannot be read or written.
pub(super) fn write(page: &Path, section: &str) -> Result<()> {
    let old = fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
    fs::write(page, replace(&old, section)).with_context(|| format!("cannot write {}", page.display()))
}

fn replace(old: &str, section: &str) -> String {
    let (before, after) = match old.split_once(BEGIN) {
        None => (format!("{}\n\n", old.trim_end()), ""),
        Some((before, rest)) => (before.to_owned(), rest.split_once(END).map_or("", |(_, after)| after)),
    };
    format!("{before}{BEGIN}\n{}\n\n{END}{after}", section.trim_end())
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn a_section_is_added_and_replaced() {
        let once = replace("# Page\n\nText\n", "## One\n");
        assert!(once.starts_with("# Page\n\nText\n\n<!-- Written by"), "{once}");
        assert!(
            once.ends_with("\n\n## One\n\n<!-- End of what `cargo xtask bench --clients` writes. -->\n"),
            "{once}"
        );
        let followed = format!("{once}\nAfter\n");
        assert_eq!(replace(&followed, "## Two"), followed.replace("One", "Two"));
    }
}
