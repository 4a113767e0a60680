//! The project's own commands: `cargo xtask <command>`.
#![forbid(unsafe_code)]

mod bench;
mod built;
mod cache;
mod counts;
mod examples;
mod go_checks;
mod guests;
mod process;
mod projects;
mod python_sdk;
mod repository;
mod test;
mod toolchain;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install the guest toolchains that are missing
    Setup,
    /// Set up, then build every guest that changed into guests/build
    Guests,
    /// Copy the sources of `pdks/` to where `plugwright new` has them from
    Pdks,
    /// Make a project in each language by `plugwright new`, and do what its README says
    Projects,
    /// Count the instructions of the operations that must stay fast, and compare with what was recorded
    Counts {
        /// Record the counts, to compare with them from now on
        #[arg(long)]
        record: bool,
    },
    /// Build, inspect and call the example plug-ins as their READMEs say
    Examples,
    /// Check and test the Python SDK
    Python,
    /// Build a wheel of the Python SDK into target/wheels
    Wheel(python_sdk::WheelOptions),
    /// Build the guests, then check and test everything
    Test,
    /// Measure against the crate `extism` and the bare engine, and write docs/performance.md
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Setup => guests::set_up(),
        Command::Guests => guests::build(),
        Command::Pdks => projects::write_kits(),
        Command::Projects => projects::check(),
        Command::Counts { record: false } => counts::check(),
        Command::Counts { record: true } => counts::record(),
        Command::Examples => examples::check(),
        Command::Python => python_sdk::check(),
        Command::Wheel(options) => python_sdk::build_wheel(&options),
        Command::Test => test::run(),
        Command::Bench(options) => bench::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
