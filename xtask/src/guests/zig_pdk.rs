//! Guests in Zig with our PDK: one file each.

use std::path::Path;

use anyhow::Result;

use crate::guests::{Builder, page};
use crate::process;
use crate::toolchain::Zig;

/// Zig, for guests that import our PDK.
pub(super) struct ZigPdk(pub(super) Zig);

const GUESTS: [&str; 5] = ["kitchen", "kv", "host_error", "edges", "edges_bulk"];

/// The user guide's page, whose programs are guests, too.
const PAGE: &str = include_str!("../../../docs/pdk-zig.md");

impl ZigPdk {
    /// Builds the modules that `modules` names.
    fn compile(&self, modules: &[&str], folder: &Path, output: &Path, name: &str) -> Result<()> {
        let mut zig = self.0.command();
        zig.args(["build-exe", "-target", "wasm32-freestanding", "-fno-entry", "-rdynamic"]);
        zig.args(["-O", "ReleaseSmall", "-fstrip", "--stack", "65536"]).args(modules);
        zig.arg(format!("-femit-bin={}", output.join(format!("zig_pdk_{name}.wasm")).display()));
        process::run(zig.current_dir(folder))
    }
}

impl Builder for ZigPdk {
    fn version(&self) -> &str {
        self.0.version()
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        for guest in GUESTS {
            let root = format!("-Mroot={guest}.zig");
            let modules = ["--dep", "plugwright", &root, "-Mplugwright=../../pdks/zig/plugwright.zig"];
            self.compile(&modules, sources, output, guest)?;
        }
        let project = tempfile::tempdir()?;
        for program in page::programs(PAGE, "zig", "zig/plugwright.zig", project.path())? {
            let file = format!("{program}.zig");
            self.compile(&[&file], project.path(), output, &format!("page_{program}"))?;
        }
        Ok(())
    }
}
