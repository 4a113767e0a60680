//! Guests in Zig.

use std::path::Path;

use anyhow::Result;

use crate::guests::Builder;
use crate::process;
use crate::toolchain::Zig;

const GUESTS: [&str; 2] = ["greet", "kitchen"];

impl Builder for Zig {
    fn version(&self) -> &str {
        self.version()
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        for guest in GUESTS {
            let mut zig = self.command();
            zig.args(["build-exe", &format!("{guest}.zig"), "-target", "wasm32-freestanding"]);
            zig.args(["-fno-entry", "-rdynamic", "-O", "ReleaseSmall", "-fstrip"]);
            zig.arg(format!("-femit-bin={}", output.join(format!("zig_{guest}.wasm")).display()));
            process::run(zig.current_dir(sources))?;
        }
        Ok(())
    }
}
