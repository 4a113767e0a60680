//! Guests in Zig.

use std::path::Path;

use anyhow::Result;

use crate::guests::Builder;
use crate::process;
use crate::toolchain::Zig;

impl Builder for Zig {
    fn version(&self) -> &str {
        self.version()
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        let mut zig = self.command();
        zig.args(["build-exe", "kitchen.zig", "-target", "wasm32-freestanding"]);
        zig.args(["-fno-entry", "-rdynamic", "-O", "ReleaseSmall", "-fstrip"]);
        zig.arg(format!("-femit-bin={}", output.join("zig_kitchen.wasm").display()));
        process::run(zig.current_dir(sources))
    }
}
