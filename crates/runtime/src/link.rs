//! Matching the imports of a plug-in's modules with what satisfies them.

use std::collections::{HashMap, HashSet};

use wasmtime::{ExternType, Linker, Module, Mutability, Store};

use crate::compilation::NamedModule;
use crate::engine::{Flavor, SharedEngine};
use crate::error::{Error, ErrorKind, MissingImport, Result};
use crate::exports::signature;
use crate::host_function::{FALLBACK_MODULE, HostFunction};
use crate::outcome::one_line;
use crate::state::State;
use crate::wasi;

/// How many missing imports a message lists; the error's kind has all of them.
const SHOWN: usize = 20;

/// A linker with the contract, WASI if asked for, and the host's functions.
pub(crate) fn linker(
    engine: &SharedEngine,
    functions: &[HostFunction],
    flavor: Flavor,
    wasi: bool,
) -> Result<Linker<State>> {
    let mut linker = engine.linker(flavor, wasi)?;
    let chosen: HashSet<(&str, &str)> =
        functions.iter().filter_map(|function| Some((function.module()?, function.name()))).collect();
    for function in functions {
        for module in function.modules() {
            // A function that was given this module comes before one that is only offered in it as well.
            let offered_as_well = function.module().is_none() && module == FALLBACK_MODULE;
            if offered_as_well && chosen.contains(&(module, function.name())) {
                continue;
            }
            function.define(&mut linker, module, flavor).map_err(|_| {
                let message = format!(
                    "host function `{module}.{}` is defined twice; name another module by `in_module`, or drop one",
                    function.name()
                );
                Error::new(ErrorKind::Link { missing: Vec::new() }, message)
            })?;
        }
    }
    Ok(linker)
}

/// Checks that every import is satisfied, before any guest code runs.
///
/// `store` is any store of the same engine; `modules` are in the order of linking.
///
/// # Errors
///
/// `Link` with all imports that nothing satisfies.
pub(crate) fn check(
    linker: &Linker<State>,
    store: &mut Store<State>,
    modules: &[NamedModule],
    wasi: bool,
) -> Result<()> {
    let mut linked: HashMap<&str, &Module> = HashMap::new();
    let mut missing: Vec<MissingImport> = Vec::new();
    let mut seen = HashSet::new();
    for NamedModule { name, module, .. } in modules {
        for import in module.imports() {
            let wanted = import.ty();
            let of_module = linked.get(import.module()).and_then(|module| module.get_export(import.name()));
            let offered = of_module.or_else(|| {
                let found = linker.get(&mut *store, import.module(), import.name()).ok()?;
                Some(found.ty(&*store))
            });
            if offered.as_ref().is_some_and(|offered| satisfies(offered, &wanted)) {
                continue;
            }
            let import = MissingImport {
                module: import.module().to_owned(),
                name: import.name().to_owned(),
                ty: describe(&wanted),
                hint: hint(import.module(), offered.as_ref(), wasi),
            };
            if seen.insert((import.module.clone(), import.name.clone(), import.ty.clone())) {
                missing.push(import);
            }
        }
        linked.insert(name, module);
    }
    if missing.is_empty() {
        return Ok(());
    }
    let mut list = missing.iter().take(SHOWN).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if missing.len() > SHOWN {
        list.push_str(&format!(" and {} more", missing.len() - SHOWN));
    }
    let count =
        if missing.len() == 1 { "an import that nothing provides" } else { "imports that nothing provides" };
    let message =
        format!("the plug-in needs {count}: {list}; define host functions of these names and types");
    Err(Error::new(ErrorKind::Link { missing }, one_line(&message)))
}

fn satisfies(offered: &ExternType, wanted: &ExternType) -> bool {
    match (offered, wanted) {
        (ExternType::Func(offered), ExternType::Func(wanted)) => offered.matches(wanted),
        (ExternType::Global(offered), ExternType::Global(wanted)) => {
            offered.mutability() == wanted.mutability()
                && offered.content().matches(wanted.content())
                && (offered.mutability() == Mutability::Const || wanted.content().matches(offered.content()))
        }
        (ExternType::Memory(offered), ExternType::Memory(wanted)) => {
            offered.is_64() == wanted.is_64()
                && offered.is_shared() == wanted.is_shared()
                && offered.page_size_log2() == wanted.page_size_log2()
                && within(offered.minimum(), offered.maximum(), wanted.minimum(), wanted.maximum())
        }
        (ExternType::Table(offered), ExternType::Table(wanted)) => {
            offered.is_64() == wanted.is_64()
                && offered.element().matches(wanted.element())
                && wanted.element().matches(offered.element())
                && within(offered.minimum(), offered.maximum(), wanted.minimum(), wanted.maximum())
        }
        _ => false,
    }
}

/// Whether limits are as strict as wanted.
fn within(minimum: u64, maximum: Option<u64>, wanted_minimum: u64, wanted_maximum: Option<u64>) -> bool {
    minimum >= wanted_minimum
        && wanted_maximum.is_none_or(|wanted| maximum.is_some_and(|maximum| maximum <= wanted))
}

/// Modules in an order in which each comes after those that it imports from, the main one last.
///
/// # Errors
///
/// `InvalidManifest` when modules import from each other in a circle.
pub(crate) fn in_order(mut modules: Vec<NamedModule>) -> Result<Vec<NamedModule>> {
    let Some(main) = modules.pop() else { return Ok(modules) };
    let mut ordered: Vec<NamedModule> = Vec::with_capacity(modules.len() + 1);
    while !modules.is_empty() {
        let waits = |of: &NamedModule, modules: &[NamedModule]| {
            let mut imports = of.module.imports();
            imports.any(|import| {
                modules.iter().any(|other| other.name == import.module() && other.name != of.name)
            })
        };
        let Some(next) = modules.iter().position(|module| !waits(module, &modules)) else {
            let names =
                modules.iter().map(|module| format!("`{}`", module.name)).collect::<Vec<_>>().join(", ");
            let message =
                format!("the modules {names} import from each other in a circle; one of them must not");
            return Err(Error::new(ErrorKind::InvalidManifest, message));
        };
        ordered.push(modules.remove(next));
    }
    ordered.push(main);
    Ok(ordered)
}

fn hint(module: &str, offered: Option<&ExternType>, wasi: bool) -> Option<String> {
    match offered {
        Some(offered) => Some(format!("the host has it as {}", describe(offered))),
        None if module == wasi::MODULE && !wasi => {
            Some("WASI is off: turn it on with `wasi(true)` or `--wasi`".into())
        }
        None if module == "wasi_unstable" || module.starts_with("wasi:") => {
            Some("only WASI preview 1 is supported: build for `wasm32-wasip1`".into())
        }
        None => None,
    }
}

fn describe(ty: &ExternType) -> String {
    match ty {
        ExternType::Func(ty) => signature(ty),
        ExternType::Global(ty) => format!("global {}", ty.content()),
        ExternType::Memory(ty) => format!("memory of at least {} pages", ty.minimum()),
        ExternType::Table(ty) => format!("table of at least {} elements", ty.minimum()),
        ExternType::Tag(_) => "exception tag".to_owned(),
    }
}
