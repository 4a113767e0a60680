//! Guests in Zig with our PDK: one file each.

use std::path::Path;

use anyhow::Result;

use crate::guests::Builder;
use crate::process;
use crate::toolchain::Zig;

/// Zig, for guests that import our PDK.
pub(super) struct ZigPdk(pub(super) Zig);

const GUESTS: [&str; 5] = ["kitchen", "kv", "host_error", "edges", "edges_bulk"];

impl Builder for ZigPdk {
    fn version(&self) -> &str {
        self.0.version()
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        for guest in GUESTS {
            let mut zig = self.0.command();
            zig.args(["build-exe", "-target", "wasm32-freestanding", "-fno-entry", "-rdynamic"]);
            zig.args(["-O", "ReleaseSmall", "-fstrip", "--stack", "65536", "--dep", "plugwright"]);
            zig.args([&format!("-Mroot={guest}.zig"), "-Mplugwright=../../pdks/zig/plugwright.zig"]);
            zig.arg(format!("-femit-bin={}", output.join(format!("zig_pdk_{guest}.wasm")).display()));
            process::run(zig.current_dir(sources))?;
        }
        Ok(())
    }
}
