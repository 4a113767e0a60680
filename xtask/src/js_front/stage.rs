//! Where the reader of JavaScript is built: a copy of its sources, in which all of them lie below its workspace.
//!
//! Cargo names packages, and with them the compiler what it makes of them, by where they lie: below the workspace by the path from
//! there, elsewhere by the absolute path, which is another one in each checkout.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::{guests, repository};

/// Where the checkout's other packages are, from the stage.
const CHECKOUT: &str = "checkout";

/// The packages that the reader is built from beside its own, and what they inherit from.
const PACKAGES: [&str; 2] = ["crates/convert", "pdks/rust"];
const INHERITED: &str = "Cargo.toml";

/// What differs in the manifest of the copy.
const CHANGES: [(&str, &str); 2] = [
    ("path = \"../../../", "path = \"checkout/"),
    ("[workspace]\n", "[workspace]\nexclude = [\"checkout\"]\n"),
];

/// Makes `stage` such a copy.
///
/// # Errors
/// When a file cannot be read or written, or the reader's manifest is not as expected.
pub(super) fn fill(stage: &Path) -> Result<()> {
    let root = repository::root();
    guests::copy_sources(&root.join("crates/js/front"), stage)?;
    let manifest = stage.join("Cargo.toml");
    let mut text = fs::read_to_string(&manifest)?;
    for (from, to) in CHANGES {
        ensure!(text.matches(from).count() == 1, "the reader's manifest must have {from:?} once");
        text = text.replace(from, to);
    }
    fs::write(manifest, text)?;
    for package in PACKAGES {
        guests::copy_sources(&root.join(package), &stage.join(CHECKOUT).join(package))?;
    }
    fs::copy(root.join(INHERITED), stage.join(CHECKOUT).join(INHERITED))
        .context("cannot copy the workspace's manifest")?;
    Ok(())
}
