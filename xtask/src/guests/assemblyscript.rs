//! Guests in AssemblyScript: one file each.

use std::path::Path;

use anyhow::Result;

use crate::guests::Builder;
use crate::process;
use crate::toolchain::AssemblyScript;

/// The files that are plug-ins; the others are imported by them.
const GUESTS: [&str; 2] = ["count_vowels", "kitchen"];

impl Builder for AssemblyScript {
    fn version(&self) -> &str {
        self.version()
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        for guest in GUESTS {
            let mut asc = self.command();
            asc.arg(format!("{guest}.ts")).args(["-Osize", "--noAssert", "--use", "abort=shared/abort"]);
            asc.arg("--outFile").arg(output.join(format!("as_{guest}.wasm")));
            process::run(asc.current_dir(sources))?;
        }
        Ok(())
    }
}
