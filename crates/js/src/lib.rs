//! JavaScript and TypeScript sources in, a plug-in out.
//!
//! ```no_run
//! let plugin = plugwright_js::build("plugin.ts".as_ref())?;
//! std::fs::write("plugin.wasm", &plugin.wasm)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Everything happens in this process, and needs no other program:
//!
//! 1. `graph`: the first file is read, and every file that it names, by the rules of Node (`resolve`). Files are parsed and freed from
//!    types in a sandbox: the parser is a plug-in itself (`front`).
//! 2. `workshop`: the files are handed to the engine, QuickJS-ng compiled to WebAssembly, which links and runs them up to the end of their top
//!    level. Its memory is then the plug-in's.
//! 3. `plugin`: the engine gets that memory, a real export for each exported function, and imports for the host's functions (`surgery`).
//!
//! The same sources give the same bytes. Nothing here knows about hosts.

mod built_in;
mod contract;
mod error;
mod excerpt;
mod front;
mod graph;
mod image;
mod package;
mod plugin;
mod project;
mod reexports;
mod request;
mod resolve;
mod shipped;
mod surgery;
mod tsconfig;
mod words;
mod workshop;

use std::path::Path;

pub use error::{Error, Problem};
pub use excerpt::Excerpt;

use front::{Front, HostFunction};
use graph::Graph;
use project::Project;
use request::{Failure, Request};
use surgery::Outline;
use words::Words;
use workshop::Failed;

/// A plug-in, and what there is to say about it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Plugin {
    /// The module.
    pub wasm: Vec<u8>,
    /// What the sources logged while they were run, a line each: instances will not log it again.
    pub said: Vec<String>,
}

/// Whether a file or folder can be the source of a plug-in in JavaScript: a file with one of the endings, or a folder that says which
/// of its files is the first.
///
/// # Errors
///
/// When a `package.json` cannot be read.
pub fn first_file(folder: &Path) -> Result<std::path::PathBuf, Error> {
    project::first_file(folder)
}

/// Builds a plug-in from a file, or from a folder with a package.
///
/// The first time on a machine, the parser and the engine are compiled, which takes a few seconds; the runtime's compilation cache keeps them.
///
/// # Errors
///
/// When files cannot be read or found, have errors of syntax, or their top level fails: see [`Error`].
pub fn build(path: &Path) -> Result<Plugin, Error> {
    let project = Project::open(path)?;
    let graph = graph::read(&project, &mut Front::new()?)?;
    let sources = graph.files.iter().filter_map(|file| file.source.as_deref());
    let words = Words::of(sources);
    let mut host_functions: Vec<HostFunction> =
        graph.host_functions.iter().filter(|function| words.contain(&function.name)).cloned().collect();
    host_functions.sort();
    host_functions.dedup();
    let same = |pair: &&[HostFunction]| (&pair[0].module, &pair[0].name) == (&pair[1].module, &pair[1].name);
    if let Some([function, _]) = host_functions.windows(2).find(same) {
        return Err(Error::Conflict { module: function.module.clone(), name: function.name.clone() });
    }
    let engine = Outline::of(shipped::engine())?;
    let request = Request {
        prelude: shipped::prelude()?,
        files: &graph.files,
        links: &graph.links,
        entry: &graph.entry,
        host_functions: &host_functions,
        exports: &graph.signatures,
    };
    let product = workshop::run(&engine, &request).map_err(|failed| match failed {
        Failed::Sources(failure) => explained(*failure, &graph),
        Failed::Other(error) => error,
    })?;
    check_exports(&product.exports, &graph)?;
    let said = product.said.clone();
    let wasm = plugin::assemble(&engine, product, &host_functions, &words)?;
    Ok(Plugin { wasm, said })
}

fn check_exports(exports: &[String], graph: &Graph) -> Result<(), Error> {
    if exports.is_empty() {
        return Err(Error::NoExports { file: graph.entry.clone() });
    }
    let undefined = graph.declared.iter().find(|(name, _)| !exports.contains(name));
    match undefined {
        Some((name, declarations)) => Err(Error::Undefined {
            declarations: declarations.clone(),
            name: name.clone(),
            file: graph.entry.clone(),
        }),
        None => Ok(()),
    }
}

/// An error of the engine, with the place in the author's file.
fn explained(failure: Failure, graph: &Graph) -> Error {
    let Failure { name, message, file, line, column, stack } = failure;
    let message = if name.is_empty() { message } else { format!("{name}: {message}") };
    let at = file.as_deref().zip(line).and_then(|(file, line)| {
        let source = graph.originals.get(file)?;
        Some(Box::new(Excerpt::at(file, source, line, column.unwrap_or(1))))
    });
    let message = match (&at, stack.trim_end()) {
        (Some(_), _) | (None, "") => message,
        (None, stack) => format!("{message}\n{stack}"),
    };
    Error::TopLevel { message, at }
}
