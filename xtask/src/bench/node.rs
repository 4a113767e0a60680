//! The Node.js SDK beside two versions of the public package: calls, plug-ins made, and a web server.

mod calls;
mod server;
mod table;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::bench::batches::Plan;
use crate::bench::page;
use crate::cache::Cache;
use crate::toolchain::Wrk;
use crate::{built, guests, node_parts, node_sdk, repository};

/// The sources of what is run, relative to the root of the checkout.
pub(crate) const SOURCES: &str = "benches/clients/node";

/// The modules by the names that the sources import them by: the public package's versions, and ours at last.
const MODULES: [&str; 3] = ["extism-1", "extism-2", "plugwright"];

/// What the modules are called in tables.
const NAMES: [&str; 3] = ["1.0.3", "2.0.0-rc13", "ours"];

/// How many times better ours is to be than each of the others, by a row's beginning.
struct Goal {
    row: &'static str,
    times: f64,
}

/// Programs in JavaScript, where they find the modules.
struct Programs(PathBuf);

impl Programs {
    /// Runs one of the programs.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("node");
        // It makes libraries in Rust capture a backtrace with each error.
        command.arg(self.0.join(program)).env_remove("RUST_BACKTRACE").env("NODE_NO_WARNINGS", "1");
        command
    }
}

/// Builds the SDK, measures, prints tables, and writes them into the page unless this is a quick run.
///
/// # Errors
/// When something cannot be built, or a program fails.
pub(super) fn run(quick: bool) -> Result<()> {
    guests::build()?;
    let wrk = Wrk::set_up(&Cache::open()?)?;
    let sdk = node_sdk::stage_release(&built::build_release(&[node_sdk::PACKAGE])?)?;
    let programs = Programs(node_parts::stage(&sdk, "node-benchmarks-release", SOURCES)?);
    let calls = calls::measure(&programs, &Plan::new(quick))?;
    let [rates, costs] = server::measure(&programs, &wrk, quick)?;
    print!("{}\n{}\n{}", table::text(&calls), table::text(&rates), table::text(&costs));
    if !quick {
        page::write("bench --node", &table::section(&calls, [&rates, &costs], &table::versions()?))?;
    }
    Ok(())
}

/// The checkout, as programs get it.
fn checkout() -> String {
    repository::root().display().to_string()
}
