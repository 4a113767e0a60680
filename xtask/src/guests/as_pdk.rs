//! Guests in AssemblyScript with our PDK: one file each.

use std::path::Path;

use anyhow::Result;

use crate::guests::{Builder, page};
use crate::process;
use crate::toolchain::AssemblyScript;

/// AssemblyScript, for guests that import our PDK.
pub(super) struct AsPdk(pub(super) AssemblyScript);

/// Each guest: its name, its file, and what to define.
const GUESTS: [(&str, &str, &[&str]); 5] = [
    ("kitchen", "kitchen.ts", &[]),
    ("kv", "kv.ts", &[]),
    ("host_error", "host_error.ts", &[]),
    ("edges", "edges.ts", &[]),
    ("edges_bulk", "edges.ts", &["--use", "PLUGWRIGHT_BULK=1"]),
];

/// The user guide's page, whose programs are guests, too.
const PAGE: &str = include_str!("../../../docs/pdk-assemblyscript.md");

impl Builder for AsPdk {
    fn version(&self) -> &str {
        self.0.version()
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        for (name, file, defined) in GUESTS {
            let mut asc = self.0.command();
            asc.args([file, "-Osize", "--use", "abort=../../pdks/assemblyscript/plugwright/abort"])
                .args(defined);
            asc.arg("--outFile").arg(output.join(format!("as_pdk_{name}.wasm")));
            process::run(asc.current_dir(sources))?;
        }
        let project = tempfile::tempdir()?;
        for program in page::programs(PAGE, "ts", "assemblyscript/plugwright.ts", project.path())? {
            let mut asc = self.0.command();
            asc.args([
                &format!("{program}.ts"),
                "-Osize",
                "--use",
                "abort=pdk/plugwright/abort",
                "--outFile",
            ]);
            asc.arg(output.join(format!("as_pdk_page_{program}.wasm")));
            process::run(asc.current_dir(project.path()))?;
        }
        Ok(())
    }
}
