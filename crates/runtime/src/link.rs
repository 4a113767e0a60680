//! Matching the imports of a plug-in's modules with what satisfies them.

use std::collections::HashMap;

use wasmtime::{ExternType, Linker, Module, Store};

use crate::compiled::NamedModule;
use crate::engine::{Flavor, SharedEngine};
use crate::error::{Error, ErrorKind, MissingImport, Result};
use crate::exports::signature;
use crate::host_function::HostFunction;
use crate::state::State;
use crate::wasi;

/// A linker with the contract, WASI if asked for, and the host's functions.
pub(crate) fn linker(
    engine: &SharedEngine,
    functions: &[HostFunction],
    flavor: Flavor,
    wasi: bool,
) -> Result<Linker<State>> {
    let mut linker = engine.linker(flavor, wasi)?;
    for function in functions {
        for module in function.modules() {
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
    for NamedModule { name, module, .. } in modules {
        for import in module.imports() {
            let wanted = import.ty();
            let offered = match linked.get(import.module()) {
                Some(module) => module.get_export(import.name()),
                None => {
                    let found = linker.get(&mut *store, import.module(), import.name()).ok();
                    found.map(|found| found.ty(&*store))
                }
            };
            if offered.as_ref().is_some_and(|offered| satisfies(offered, &wanted)) {
                continue;
            }
            let import = MissingImport {
                module: import.module().to_owned(),
                name: import.name().to_owned(),
                ty: describe(&wanted),
                hint: hint(import.module(), offered.as_ref(), wasi),
            };
            if !missing.contains(&import) {
                missing.push(import);
            }
        }
        linked.insert(name, module);
    }
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let count =
        if missing.len() == 1 { "an import that nothing provides" } else { "imports that nothing provides" };
    let message =
        format!("the plug-in needs {count}: {list}; define host functions of these names and types");
    Err(Error::new(ErrorKind::Link { missing }, message))
}

fn satisfies(offered: &ExternType, wanted: &ExternType) -> bool {
    match (offered, wanted) {
        (ExternType::Func(offered), ExternType::Func(wanted)) => offered.matches(wanted),
        // The engine compares the limits of memories and tables and the types of globals when it links modules.
        (ExternType::Global(_), ExternType::Global(_))
        | (ExternType::Memory(_), ExternType::Memory(_))
        | (ExternType::Table(_), ExternType::Table(_)) => true,
        _ => false,
    }
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
