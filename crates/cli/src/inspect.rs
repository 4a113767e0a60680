//! `plugwright inspect`.

use anyhow::Context;
use plugwright::inspect::{Inspection, inspect};
use serde::Serialize;

use crate::args::{Global, InspectArgs};
use crate::{modules, output};

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
    let modules = modules::of_plugin(&args.plugin)?
        .into_iter()
        .map(|module| {
            let inspection = inspect(&module.wasm).with_context(|| format!("`{}`", module.origin))?;
            Ok(InspectedModule { name: module.name, source: module.origin, inspection })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    if global.json {
        return output::json(&Inspected { modules });
    }
    output::styled(&table::render(&modules))
}
