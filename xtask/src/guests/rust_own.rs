//! The guests in Rust once more, moved from the public PDK to ours as their authors would: by one line.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::guests::rust::{Workspace, by_target};
use crate::guests::{Builder, copy};
use crate::repository;
use crate::toolchain::Rust;

/// The compiler, for a copy of the guests.
pub(super) struct RustOwn(pub(super) Rust);

impl Builder for RustOwn {
    fn version(&self) -> &str {
        self.0.version()
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        let moved = repository::target().join("guests").join("rust_own_sources");
        copy::folder(sources, &moved)?;
        let pdk = repository::root().join("pdks/rust");
        let line = format!(
            "extism-pdk = {{ package = \"plugwright-pdk\", path = {:?} }}",
            pdk.display().to_string()
        );
        copy::replace_line(&moved.join("Cargo.toml"), "extism-pdk = ", &line)?;
        // What our PDK needs has the versions of this checkout; Cargo drops the rest of the file.
        fs::copy(repository::root().join("Cargo.lock"), moved.join("Cargo.lock"))
            .context("cannot copy Cargo.lock")?;

        let workspace = Workspace::new(&self.0, &moved, "rust_own");
        let mut packages = workspace.packages()?;
        packages.retain(|package| uses_the_pdk(&moved.join(package)));
        for packages in by_target(packages) {
            workspace.build(&packages, &[], output)?;
        }
        Ok(())
    }
}

fn uses_the_pdk(package: &Path) -> bool {
    fs::read_to_string(package.join("Cargo.toml")).is_ok_and(|manifest| manifest.contains("extism-pdk"))
}
