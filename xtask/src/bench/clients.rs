//! The C library as its clients see it: programs in several languages call a plug-in by the public library and by ours,
//! in turns.

mod program;
mod sampler;
mod table;

use std::path::PathBuf;

use anyhow::Result;

use crate::bench::batches::Plan;
use crate::bench::page;
use crate::cache::Cache;
use crate::capi::{self, Library};
use crate::toolchain::Java;
use crate::{built, process, python_clients, python_sdk};
pub(super) use table::time;

use program::Program;

/// What is called.
struct Work {
    name: &'static str,
    /// Relative to the root of the checkout.
    guest: &'static str,
    function: &'static str,
    input_bytes: usize,
}

const WORK: [Work; 3] = [
    Work { name: "empty call", guest: "benches/guests/empty.wat", function: "empty", input_bytes: 0 },
    // The output is the input's own block.
    Work { name: "echo of 1 MiB", guest: "guests/wat/zero_copy.wat", function: "echo", input_bytes: 1 << 20 },
    Work {
        name: "echo of 1 MiB, which the guest copies",
        guest: "guests/wat/echo.wat",
        function: "echo",
        input_bytes: 1 << 20,
    },
];

/// The libraries that are compared.
struct Libraries {
    public: PathBuf,
    ours: PathBuf,
}

/// One line of the result: a client, what it calls, and the nanoseconds that a call takes.
struct Row {
    client: &'static str,
    work: &'static str,
    public: f64,
    ours: f64,
    /// The median of the rounds' ratios of the public library to ours.
    ratio: f64,
}

/// Builds the library and the clients, measures, prints a table, and writes it into the page unless this is a quick run.
///
/// # Errors
/// When something cannot be built, or a client fails.
pub(super) fn run(quick: bool) -> Result<()> {
    let python = python_clients::set_up()?;
    // Together, so that what they depend on is built once.
    let built = built::build_release(&[capi::PACKAGE, python_sdk::PACKAGE])?;
    let python_sdk = python_sdk::stage_release(&built)?;
    let ours = Library::built_in(built).shared();
    let libraries = Libraries { public: python_clients::public_library(&python)?, ours };
    let java = Java::set_up(&Cache::open()?)?;
    let programs = Program::all(&python, &python_sdk, &java)?;
    let plan = Plan::new(quick);
    let mut rows = Vec::new();
    for work in &WORK {
        rows.extend(sampler::measure(&programs, &libraries, work, &plan)?);
    }
    // By client, as they are read.
    rows.sort_by_key(|row: &Row| programs.iter().position(|program| program.name == row.client));
    print!("{}", table::text(&rows));
    if !quick {
        let versions = table::versions(&python, &java)?;
        page::write("bench --clients", &table::section(&rows, &versions))?;
    }
    Ok(())
}

/// What a program prints about itself, its first line.
pub(super) fn first_line(command: &mut std::process::Command) -> Result<String> {
    Ok(process::output(command)?.lines().next().unwrap_or_default().to_owned())
}
