//! Guests in C and C++ with our PDK: each is compiled as C by Zig and by Clang, and as C++ by Zig.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::cache::Cache;
use crate::guests::{Builder, page};
use crate::process;
use crate::toolchain::{Clang, Zig};

/// The compilers.
pub(super) struct CPdk {
    zig: Zig,
    clang: Clang,
    version: String,
}

/// Each guest: its name, its file, and what to define.
const GUESTS: [(&str, &str, &[&str]); 6] = [
    ("kitchen", "kitchen.c", &[]),
    ("kv", "kv.c", &[]),
    ("host_error", "host_error.c", &[]),
    ("edges", "edges.c", &[]),
    ("edges_bulk", "edges.c", &["-DPLUGWRIGHT_BULK"]),
    ("moved", "moved.c", &[]),
];

/// The user guide's page, whose programs are guests, too.
const PAGE: &str = include_str!("../../../docs/pdk-c.md");

const WARNINGS: [&str; 7] =
    ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Werror"];

/// Without a C library.
const EVERY: [&str; 5] = ["-Oz", "-nostdlib", "-Wl,--no-entry", "-Wl,--strip-all", "-Wl,-z,stack-size=65536"];

const C: &str = "-std=c99";
const CPP: [&str; 4] = ["-xc++", "-std=c++17", "-fno-exceptions", "-fno-rtti"];

impl CPdk {
    pub(super) fn set_up(cache: &Cache) -> Result<Self> {
        let (zig, clang) = (Zig::set_up(cache)?, Clang::set_up(cache)?);
        let version = format!("zig {}, {}", zig.version(), clang.version());
        Ok(Self { zig, clang, version })
    }

    /// Each compiler, by the first part of the names of what it builds.
    fn compilers(&self) -> [(&'static str, Command); 3] {
        let zig = ["-target", "wasm32-freestanding"];
        let (mut cc, mut cpp, mut clang) = (self.zig.command(), self.zig.command(), self.clang.command());
        cc.arg("cc").arg(C).args(zig);
        cpp.arg("c++").args(CPP).args(zig);
        clang.args([C, "--target=wasm32", "-ffreestanding"]);
        [("c_pdk", cc), ("cpp_pdk", cpp), ("c_clang", clang)]
    }
}

impl Builder for CPdk {
    fn version(&self) -> &str {
        &self.version
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        for (name, file, defined) in GUESTS {
            for (compiler, mut command) in self.compilers() {
                command.args(defined).args(["-I../../pdks/c", file]).current_dir(sources);
                link(command, output, compiler, name)?;
            }
        }
        let project = tempfile::tempdir()?;
        for program in page::programs(PAGE, "c", "c/plugwright.h", project.path())? {
            for (compiler, mut command) in self.compilers() {
                command.arg(format!("{program}.c")).current_dir(project.path());
                link(command, output, compiler, &format!("page_{program}"))?;
            }
        }
        Ok(())
    }
}

fn link(mut command: Command, output: &Path, compiler: &str, name: &str) -> Result<()> {
    command.args(WARNINGS).args(EVERY).arg("-o").arg(output.join(format!("{compiler}_{name}.wasm")));
    process::run(&mut command)
}
