//! `plugwright inspect`.

use anyhow::Context;
use plugwright::inspect::{Inspection, inspect};
use serde::Serialize;

use crate::args::{Global, InspectArgs};
use crate::progress::Spinner;
use crate::{output, source};

mod table;

/// A plug-in as JSON: a list even when it is one module, so that its readers need one way only.
#[derive(Serialize)]
struct Inspected {
    modules: Vec<InspectedModule>,
}

#[derive(Serialize)]
struct InspectedModule {
    name: Option<String>,
    source: String,
    #[serde(flatten)]
    inspection: Inspection,
}

pub(crate) fn run(args: &InspectArgs, global: &Global) -> anyhow::Result<()> {
    let spinner = Spinner::start(format!("reading {}", args.plugin), global);
    let read = source::modules(&args.plugin);
    drop(spinner);
    let read = read?;
    let has_others = read.len() > 1;
    let modules = read
        .into_iter()
        .map(|module| {
            let name = if module.is_main && has_others { Some("main".to_owned()) } else { module.name };
            // A module without an origin of its own is the file itself, or lies in the manifest.
            let source = module.origin.unwrap_or_else(|| args.plugin.clone());
            let inspection = inspect(&module.wasm).with_context(|| format!("`{source}`"))?;
            Ok(InspectedModule { name, source, inspection })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    if global.json {
        return output::json(&Inspected { modules });
    }
    output::styled(&table::render(&modules))
}
