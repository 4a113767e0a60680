//! The functions that a plug-in exports.

use wasmtime::{ExternType, FuncType, Module, ModuleExport, ValType};

use crate::error::{Error, ErrorKind, Result};
use crate::inspect::START_UP;
use crate::outcome::one_line;
use crate::start_up::StartUp;

/// How many similar names an error suggests.
const SUGGESTIONS: usize = 3;
/// How many names an error lists.
const SHOWN: usize = 20;
/// How similar a name must be to be suggested, from 0 to 1.
const SIMILARITY: f64 = 0.7;

/// A function that a plug-in exports.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Export {
    /// The function's name.
    pub name: String,
    /// Its type, for example `() -> i32`.
    pub ty: String,
    /// Whether a host can call it: whether its type is `() -> ()` or `() -> i32`, and its name is not that of a start-up function
    /// (`_initialize`, `__wasm_call_ctors`, `hs_init`).
    pub callable: bool,
}

/// A function that a host can call.
pub(crate) struct EntryPoint {
    pub(crate) name: Box<str>,
    pub(crate) export: ModuleExport,
    /// Whether it returns a code.
    pub(crate) returns_code: bool,
    /// Whether it is a WASI command, which starts the program by itself, once.
    pub(crate) is_command: bool,
}

/// The entry point of a WASI command.
pub(crate) const COMMAND: &str = "_start";

/// The functions that a module exports, with those that can be called sorted by name.
pub(crate) struct Exports {
    all: Vec<Export>,
    entry_points: Vec<EntryPoint>,
    /// Those that run by themselves before the first call.
    start_up: Vec<&'static str>,
}

impl Exports {
    /// `start_up` is what runs by itself before the first call.
    pub(crate) fn of(module: &Module, start_up: Option<&StartUp>) -> Self {
        let start_up = start_up.into_iter().flat_map(StartUp::names).collect();
        let mut exports = Self { all: Vec::new(), entry_points: Vec::new(), start_up };
        for export in module.exports() {
            let ExternType::Func(ty) = export.ty() else { continue };
            let name = export.name();
            if name.starts_with(plugwright_rewrite::NAMESPACE) {
                continue;
            }
            let returns_code = ty.results().len() == 1 && matches!(ty.result(0), Some(ValType::I32));
            let is_function = ty.params().len() == 0 && (ty.results().len() == 0 || returns_code);
            let callable = is_function && !START_UP.contains(&name);
            exports.all.push(Export { name: name.to_owned(), ty: signature(&ty), callable });
            if callable && let Some(export) = module.get_export_index(name) {
                exports.entry_points.push(EntryPoint {
                    name: name.into(),
                    export,
                    returns_code,
                    is_command: name == COMMAND,
                });
            }
        }
        exports.entry_points.sort_by(|a, b| a.name.cmp(&b.name));
        exports
    }

    pub(crate) fn all(&self) -> &[Export] {
        &self.all
    }

    pub(crate) fn entry_points(&self) -> &[EntryPoint] {
        &self.entry_points
    }

    /// The index of the entry point of this name.
    ///
    /// # Errors
    ///
    /// `FunctionNotFound`, or `Signature` when there is such a function but it cannot be called.
    pub(crate) fn find(&self, name: &str) -> Result<usize> {
        self.entry_points
            .binary_search_by(|entry| (*entry.name).cmp(name))
            .map_err(|_| self.not_callable(name))
    }

    #[cold]
    fn not_callable(&self, name: &str) -> Error {
        if let Some(export) = self.all.iter().find(|export| export.name == name) {
            let message = if self.start_up.contains(&name) {
                "runs by itself before the first call, and cannot be called".to_owned()
            } else if START_UP.contains(&name) {
                format!(
                    "has the name of a start-up function and cannot be called; it does not run by itself either, as its type \
                     is `{}` or another start-up function runs instead; rename it if it is to be called",
                    export.ty
                )
            } else {
                format!(
                    "has the type `{}`; plug-in functions have the type `() -> i32` or `() -> ()`",
                    export.ty
                )
            };
            return Error::new(ErrorKind::Signature, message);
        }
        let suggested = || self.entry_points.iter().map(|entry| &*entry.name);
        let mut similar: Vec<(f64, &str)> = suggested()
            .map(|known| (strsim::jaro_winkler(name, known), known))
            .filter(|(similarity, _)| *similarity >= SIMILARITY)
            .collect();
        similar.sort_by(|a, b| b.0.total_cmp(&a.0));
        let nearest: Vec<String> =
            similar.into_iter().take(SUGGESTIONS).map(|(_, name)| name.to_owned()).collect();
        let quoted = |names: &mut dyn Iterator<Item = &str>| {
            names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        };
        let message = if !nearest.is_empty() {
            let names = quoted(&mut nearest.iter().map(String::as_str));
            format!("the plug-in exports no such function; did you mean {names}?")
        } else if suggested().next().is_none() {
            "the plug-in exports no function that can be called".to_owned()
        } else {
            let names = quoted(&mut suggested().take(SHOWN));
            let more = suggested().count().saturating_sub(SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("the plug-in exports no such function; it exports {names}{more}")
        };
        Error::new(ErrorKind::FunctionNotFound { nearest }, one_line(&message))
    }
}

/// A function type as people write it: `(i32, i64) -> i32`.
pub(crate) fn signature(ty: &FuncType) -> String {
    let list = |types: &mut dyn Iterator<Item = ValType>| {
        types.map(|ty| ty.to_string()).collect::<Vec<_>>().join(", ")
    };
    let params = list(&mut ty.params());
    match ty.results().len() {
        0 => format!("({params}) -> ()"),
        1 => format!("({params}) -> {}", list(&mut ty.results())),
        _ => format!("({params}) -> ({})", list(&mut ty.results())),
    }
}
