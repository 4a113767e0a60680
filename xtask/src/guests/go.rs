//! Guests in Go: one command each.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::guests::Builder;
use crate::process;
use crate::toolchain::Go;

impl Builder for Go {
    fn version(&self) -> &str {
        self.version()
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        build_commands(self, sources, "go", output)
    }
}

/// Builds each folder of a Go module to `<group>_<folder>.wasm`.
///
/// # Errors
/// When the module cannot be read or one of its commands does not compile.
pub(super) fn build_commands(go: &Go, module: &Path, group: &str, output: &Path) -> Result<()> {
    for entry in fs::read_dir(module)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            continue;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        let mut build = go.command();
        build.args(["build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"]);
        if name.starts_with("bulk_") {
            build.arg("-tags=plugwright_bulk");
        }
        build.arg("-o").arg(output.join(format!("{group}_{name}.wasm"))).arg(format!("./{name}"));
        process::run(build.current_dir(module))?;
    }
    Ok(())
}
