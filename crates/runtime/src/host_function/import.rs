//! Host functions made to measure, for hosts that do not know the types of their own.

use std::collections::HashSet;

use wasmtime::{ExternType, FuncType};

use super::{HostFunction, ValType};
use crate::compilation::NamedModule;

/// A function that a module of a plug-in imports, see
/// [`PluginBuilder::host_functions_for`](crate::PluginBuilder::host_functions_for).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct FunctionImport {
    /// The module that it is imported from.
    pub module: String,
    /// Its name.
    pub name: String,
    /// The types of its parameters.
    pub params: Vec<ValType>,
    /// The types of its results.
    pub results: Vec<ValType>,
}

/// Makes host functions for imports.
pub(crate) type Tailor = dyn Fn(&FunctionImport) -> Option<HostFunction> + Send + Sync;

/// The host functions that `tailor` makes for what the modules import, each import once. One that takes or returns references is not
/// asked for.
pub(crate) fn made_to_measure(tailor: &Tailor, modules: &[NamedModule]) -> Vec<HostFunction> {
    let mut seen = HashSet::new();
    let imports = modules.iter().flat_map(|named| named.module.imports());
    let functions = imports.filter_map(|import| match import.ty() {
        ExternType::Func(ty) if seen.insert((import.module(), import.name())) => {
            tailor(&FunctionImport::new(import.module(), import.name(), &ty)?)
        }
        _ => None,
    });
    functions.collect()
}

impl FunctionImport {
    fn new(module: &str, name: &str, ty: &FuncType) -> Option<Self> {
        Some(Self {
            module: module.to_owned(),
            name: name.to_owned(),
            params: ty.params().map(|ty| ValType::from_engine(&ty)).collect::<Option<_>>()?,
            results: ty.results().map(|ty| ValType::from_engine(&ty)).collect::<Option<_>>()?,
        })
    }
}
