//! Guests for what only our Rust PDK has.

use std::path::Path;
use std::slice;

use anyhow::Result;

use crate::guests::Builder;
use crate::guests::rust::Workspace;
use crate::toolchain::Rust;

/// The compiler, for packages that want different features of the PDK.
pub(super) struct RustPdk(pub(super) Rust);

impl Builder for RustPdk {
    fn version(&self) -> &str {
        self.0.version()
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        let workspace = Workspace::new(&self.0, sources, "rust_pdk");
        // One by one: a guest without the standard library must not share features with one that has it.
        for package in workspace.packages()? {
            workspace.build(slice::from_ref(&package), &["--locked"], output)?;
        }
        Ok(())
    }
}
