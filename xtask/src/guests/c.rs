//! Guests in C.

use std::path::Path;

use anyhow::Result;

use crate::guests::Builder;
use crate::process;
use crate::toolchain::Zig;

/// Zig as a compiler of C.
pub(super) struct C(pub(super) Zig);

const EVERY: [&str; 6] = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Oz"];

/// Without a C library.
const FREESTANDING: &[&str] =
    &["-target", "wasm32-freestanding", "-nostdlib", "-flto", "-Wl,--no-entry", "-Wl,--strip-all"];

/// Each guest: its file, what to compile, and how.
const GUESTS: [(&str, &[&str], &[&str]); 3] = [
    ("c_kitchen.wasm", &["kitchen.c", "count_vowels.c"], FREESTANDING),
    ("c_kv.wasm", &["kv.c"], FREESTANDING),
    ("c_wasi_files.wasm", &["wasi_files.c"], &["-target", "wasm32-wasi", "-mexec-model=reactor", "-s"]),
];

impl Builder for C {
    fn version(&self) -> &str {
        self.0.version()
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        for (file, units, options) in GUESTS {
            let mut cc = self.0.command();
            cc.arg("cc").args(EVERY).args(options).args(units).arg("-o").arg(output.join(file));
            process::run(cc.current_dir(sources))?;
        }
        Ok(())
    }
}
