//! Side-by-side benchmarks of Plugwright, the crate `extism` and the bare engine. `cargo xtask bench` runs them.

mod bare;
mod child;
mod guest;
mod host;
mod machine;
mod marks;
mod ours;
mod payload;
mod peer;
mod report;
mod row;
mod rows;
mod sampler;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};

use child::{Job, Who};
use machine::Circumstances;
use report::Report;
use rows::{GROUPS, Group};
use sampler::Plan;

/// Side-by-side benchmarks. Started by `cargo xtask bench`, which builds the guests.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure
    Run(Options),
    /// Measure one thing in this process, for the process that started it
    #[command(hide = true)]
    Child { job: Job, who: Who },
}

#[derive(Args)]
struct Options {
    /// Take few samples: about a minute; docs/performance.md is left alone
    #[arg(long)]
    quick: bool,
    /// Write all figures to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Only measure this row and those beside it, or the groups whose name contains this; docs/performance.md is left alone
    #[arg(long, value_name = "ROW")]
    only: Option<String>,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Run(options) => run(&options),
        Command::Child { job, who } => child::run(job, who),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let groups = chosen(options.only.as_deref())?;
    let plan = Plan::new(options.quick);
    let circumstances = Circumstances::now()?;
    let mut rows = Vec::new();
    for group in groups {
        let start = Instant::now();
        let measured = (group.run)(&plan).with_context(|| format!("cannot measure {}", group.name))?;
        eprintln!("{}: {:.1} s", group.name, start.elapsed().as_secs_f32());
        rows.extend(measured);
    }
    let report = Report { rows, circumstances, command: command(options) };
    print!("{}", report.text());
    if let Some(file) = &options.json {
        let json = serde_json::to_string_pretty(&report.json())?;
        fs::write(file, json).with_context(|| format!("cannot write {}", file.display()))?;
    }
    // The page is of a whole run that took its time.
    if !options.quick && options.only.is_none() {
        let page = guest::repository().join("docs").join("performance.md");
        let old = fs::read_to_string(&page).with_context(|| format!("cannot read {}", page.display()))?;
        fs::write(&page, report.page() + report::section_of_others(&old))
            .with_context(|| format!("cannot write {}", page.display()))?;
    }
    Ok(())
}

/// The groups of rows to measure: all, or those whose name contains this, or the one that this row is in.
fn chosen(only: Option<&str>) -> Result<Vec<&'static Group>> {
    let is_chosen = |part: &str, group: &Group| group.name.contains(part) || part.starts_with(group.name);
    let chosen: Vec<_> =
        GROUPS.iter().filter(|group| only.is_none_or(|part| is_chosen(part, group))).collect();
    if chosen.is_empty() {
        let names: Vec<_> = GROUPS.iter().map(|group| group.name).collect();
        bail!(
            "no row's name contains {:?}; the groups of rows are {}",
            only.unwrap_or_default(),
            names.join(", ")
        );
    }
    Ok(chosen)
}

/// The command that repeats this run.
fn command(options: &Options) -> String {
    let quick = if options.quick { " --quick" } else { "" };
    let only = options.only.as_ref().map(|only| format!(" --only {only}")).unwrap_or_default();
    format!("cargo xtask bench{quick}{only}")
}
