//! Guests for what only our Go PDK has.

use std::path::Path;

use anyhow::Result;

use crate::guests::Builder;
use crate::guests::go::build_commands;
use crate::toolchain::Go;

/// The compiler, for guests of our PDK.
pub(super) struct GoPdk(pub(super) Go);

impl Builder for GoPdk {
    fn version(&self) -> &str {
        self.0.version()
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        build_commands(&self.0, sources, "go_pdk", output)
    }
}
