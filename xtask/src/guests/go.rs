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
        for entry in fs::read_dir(sources)? {
            let entry = entry?;
            if !entry.file_type()?.is_dir() {
                continue;
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            let mut go = self.command();
            go.args(["build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o"]);
            go.arg(output.join(format!("go_{name}.wasm"))).arg(format!("./{name}"));
            process::run(go.current_dir(sources))?;
        }
        Ok(())
    }
}
