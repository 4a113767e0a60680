//! What a module imports and exports, as `WebAssembly.Module` tells it.

use napi::bindgen_prelude::{AsyncTask, Either};
use napi::{Env, Task};
use napi_derive::napi;
use plugwright::inspect::{ItemKind, inspect};
use plugwright::{Error, PluginSource};

use crate::error::{Failure, failure_of};
use crate::options::Source;

/// An import or an export.
#[napi(object)]
pub(crate) struct Item {
    /// The module that it is imported from.
    pub module: Option<String>,
    pub name: String,
    pub kind: String,
}

/// The items of the main module.
#[napi(object)]
pub(crate) struct Items {
    pub imports: Vec<Item>,
    pub exports: Vec<Item>,
}

/// A plug-in that is to be looked into.
pub(crate) struct Inspection(Option<PluginSource>);

impl Task for Inspection {
    type Output = Result<plugwright::inspect::Inspection, Error>;
    type JsValue = Either<Items, Failure>;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let source = self.0.take().ok_or_else(|| napi::Error::from_reason("it was looked into already"))?;
        Ok(source.read().and_then(|modules| {
            let main = modules.into_iter().find(|module| module.is_main).map(|module| module.wasm);
            inspect(&main.unwrap_or_default())
        }))
    }

    fn resolve(&mut self, _: Env, found: Self::Output) -> napi::Result<Self::JsValue> {
        Ok(items_of(found))
    }
}

/// Reads a plug-in on another thread, and tells what its main module imports and exports.
#[napi]
pub(crate) fn items(source: Source) -> napi::Result<AsyncTask<Inspection>> {
    Ok(AsyncTask::new(Inspection(Some(source.into_runtime()?))))
}

fn items_of(found: Result<plugwright::inspect::Inspection, Error>) -> Either<Items, Failure> {
    let inspection = match found {
        Ok(inspection) => inspection,
        Err(error) => return Either::B(failure_of(&error)),
    };
    let exports = inspection.callable_exports.iter().chain(&inspection.other_exports);
    Either::A(Items {
        imports: inspection
            .imports
            .iter()
            .flat_map(|module| module.imports.iter().map(|import| (&module.name, import)))
            .map(|(module, import)| Item {
                module: Some(module.clone()),
                name: import.name.clone(),
                kind: kind(import.kind).to_owned(),
            })
            .collect(),
        exports: exports
            .map(|export| Item {
                module: None,
                name: export.name.clone(),
                kind: kind(export.kind).to_owned(),
            })
            .collect(),
    })
}

fn kind(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Function => "function",
        ItemKind::Memory => "memory",
        ItemKind::Table => "table",
        ItemKind::Global => "global",
        _ => "tag",
    }
}
