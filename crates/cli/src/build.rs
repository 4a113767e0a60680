//! `plugwright build`.

use std::path::PathBuf;

use anyhow::Context;
use plugwright::inspect::inspect;

use crate::args::{BuildArgs, Global};
use crate::errors::Failure;
use crate::output;
use crate::progress::Spinner;

mod assemblyscript;
mod c;
mod cargo;
mod config;
mod detect;
mod error;
mod go;
mod javascript;
mod optimise;
mod own_command;
mod project;
mod report;
mod tool;
mod zig;

pub(crate) use error::BuildError;
use optimise::Optimised;
use project::{Built, Project};
use report::Report;

/// A plug-in that can be written.
struct Finished {
    /// Its name, where the project has one that is not its folder's.
    name: Option<String>,
    unoptimised_bytes: usize,
    plugin: Optimised,
}

pub(crate) fn run(args: &BuildArgs, global: &Global) -> anyhow::Result<()> {
    let project = Project::open(args, global).map_err(Failure::from)?;
    // The tools' own words are the progress where they are shown.
    let spinner =
        (!global.verbose).then(|| Spinner::start(format!("building {}", args.folder.display()), global));
    let finished = project.build().map(|built| finish(built, &project, args));
    drop(spinner);
    let Finished { name, unoptimised_bytes, plugin } = finished.map_err(|error| {
        error.show_what_was_said();
        Failure::from(error)
    })??;
    for note in &plugin.notes {
        output::note(note, global);
    }

    let file = args.output.clone().unwrap_or_else(|| from_here(project.output(name.as_deref())));
    output::file_at_once(&file, &plugin.wasm)?;
    let report = Report::new(&file, project.language(), unoptimised_bytes, &plugin.inspection, &plugin.steps);
    if !report.has_functions() {
        output::warning(format_args!(
            "`{}` exports no function that can be called: one that takes nothing and returns an i32 or nothing",
            file.display()
        ));
    }
    if global.json {
        return output::json(&report);
    }
    if global.quiet { Ok(()) } else { output::styled(&report.table()) }
}

fn finish(built: Built, project: &Project, args: &BuildArgs) -> anyhow::Result<Finished> {
    let Built { wasm, name, notes } = built;
    let inspection =
        inspect(&wasm).with_context(|| format!("what was built of `{}`", args.folder.display()))?;
    let unoptimised_bytes = wasm.len();
    // The engine of JavaScript plug-ins comes optimised, and nothing in it is the author's.
    let plugin = if project.debug || project.is_javascript() {
        Optimised { notes, ..Optimised::unchanged(wasm, inspection) }
    } else {
        let optimised = optimise::optimise(wasm, inspection, project.global);
        Optimised { notes: [notes, optimised.notes].concat(), ..optimised }
    };
    Ok(Finished { name, unoptimised_bytes, plugin })
}

/// The path as seen from the current folder, if it lies in there: people named the folder so.
fn from_here(path: PathBuf) -> PathBuf {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    match here.as_deref().map(|here| path.strip_prefix(here)) {
        Ok(Ok(relative)) => relative.to_owned(),
        _ => path,
    }
}
