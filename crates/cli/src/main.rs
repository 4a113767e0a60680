//! The `plugwright` command: calls, inspects and compiles plug-ins, begins them and builds them from source.
//!
//! Output goes to standard output as it is; everything else goes to standard error. The exit code is 0 when all went
//! well, the plug-in's own code when that is 1 to 125, 124 for a timeout, else 1.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;

mod args;
mod build;
mod call;
mod capabilities;
mod compile;
mod config;
mod errors;
mod generate;
mod inspect;
mod language;
mod logging;
mod manifest;
mod new;
mod output;
mod progress;
mod serve;
mod source;

use args::{Cli, Command, ManifestCommand};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return errors::usage(&error),
    };
    // Until the end of the program.
    let outcome = logging::start(&cli).and_then(|_logging| run(&cli));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => errors::report(&error, &cli.global),
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    let global = &cli.global;
    match &cli.command {
        Command::Call(args) => call::run(args, global),
        Command::Serve(args) => serve::run(args, global),
        Command::Inspect(args) => inspect::run(args, global),
        Command::Compile(args) => compile::run(args, global),
        Command::New(args) => new::run(args, global),
        Command::Build(args) => build::run(args, global),
        Command::Manifest(ManifestCommand::Check(args)) => manifest::check(args, global),
        Command::Manifest(ManifestCommand::Schema) => manifest::schema(),
        Command::Completions { shell } => generate::completions(*shell),
        Command::Man(args) => generate::man(args),
    }
}
