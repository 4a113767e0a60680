//! The example programs in C and C++: what their READMEs say is what happens.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::examples::{Exchange, blocks};
use crate::prefix::{self, Prefix};
use crate::{bench_client, process, repository};

const EXAMPLES: [&str; 2] = ["examples/hosts/c", "examples/hosts/cpp"];

/// The client for benchmarks.
const BENCH_CLIENT: &str = "benches/clients/c/client.c";

/// Follows the README of each example, and tries the client for benchmarks, with the development build of the library.
///
/// # Errors
/// When a command fails, or shows something else than the README says.
pub(crate) fn check() -> Result<()> {
    let prefix = Prefix::install()?;
    for folder in EXAMPLES {
        follow(&prefix, folder).with_context(|| format!("{folder}/README.md"))?;
        println!("{folder}: as its README says");
    }
    try_bench_client(&prefix).context(BENCH_CLIENT)
}

fn try_bench_client(prefix: &Prefix) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = folder.path().join("client");
    prefix::compile(&repository::root().join(BENCH_CLIENT), &["-ldl"], &program)?;
    bench_client::try_out(&mut Command::new(program), prefix)
}

fn follow(prefix: &Prefix, folder: &str) -> Result<()> {
    let folder = repository::root().join(folder);
    // What was built with another library is newer than its sources.
    process::run(Command::new("make").args(["--quiet", "clean"]).current_dir(&folder))?;
    let readme = fs::read_to_string(folder.join("README.md"))?;
    let consoles = blocks(&readme, "```console");
    ensure!(!consoles.is_empty(), "there are no `console` blocks");
    for block in consoles {
        for exchange in Exchange::parse_all(&block)? {
            let mut shell = Command::new("sh");
            prefix.serve(&mut shell).current_dir(&folder);
            exchange.check(shell)?;
        }
    }
    Ok(())
}
