//! What a module imports, exports and has.

use serde::Serialize;

use super::contract::{self, ContractMatch};

/// How a module is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ModuleKind {
    /// A program with a beginning and an end: it exports `_start`.
    Command,
    /// It exports `_initialize`, which runs once before its functions are called.
    Reactor,
    /// Its functions can be called at once.
    Library,
}

impl ModuleKind {
    pub(super) fn of(exports: &[Export]) -> Self {
        let has_function =
            |name| exports.iter().any(|export| export.kind == ItemKind::Function && export.name == name);
        if has_function("_start") {
            Self::Command
        } else if has_function("_initialize") {
            Self::Reactor
        } else {
            Self::Library
        }
    }
}

/// What an import or export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ItemKind {
    /// A function.
    Function,
    /// A linear memory.
    Memory,
    /// A table of references.
    Table,
    /// A global variable or constant.
    Global,
    /// The tag of an exception.
    Tag,
}

/// Something that a module exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Export {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ItemKind,
    /// Its type, for a function like `(i64) -> i64`.
    #[serde(rename = "type")]
    pub ty: String,
    /// Whether it is an entry point of the contract.
    pub callable: bool,
}

/// The names of functions that the host itself runs before the first call, if they have the right type. Nobody else calls them.
pub(crate) const START_UP: [&str; 3] = ["_initialize", "__wasm_call_ctors", "hs_init"];

impl Export {
    pub(super) fn new(name: &str, kind: ItemKind, ty: String) -> Self {
        let callable = kind == ItemKind::Function
            && matches!(ty.as_str(), "() -> ()" | "() -> i32")
            && !START_UP.contains(&name);
        Self { name: name.to_owned(), kind, ty, callable }
    }
}

/// Who has to provide a module's imports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ImportCategory {
    /// Every host of the contract, or this one, by itself.
    Contract,
    /// This host, when WASI is enabled.
    Wasi,
    /// The program that embeds the host, by a host function, or another module that is linked.
    HostFunction,
}

/// What is imported from one module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ImportModule {
    /// The module's name.
    pub name: String,
    /// Who has to provide it.
    pub category: ImportCategory,
    /// What is imported, in the order of the file.
    pub imports: Vec<Import>,
}

impl ImportModule {
    pub(super) fn new(name: &str) -> Self {
        let category = if contract::is_contract(name) {
            ImportCategory::Contract
        } else if matches!(name, "wasi_snapshot_preview1" | "wasi_unstable") || name.starts_with("wasi:") {
            ImportCategory::Wasi
        } else {
            ImportCategory::HostFunction
        };
        Self { name: name.to_owned(), category, imports: Vec::new() }
    }

    pub(super) fn add(&mut self, name: &str, kind: ItemKind, ty: String) {
        let contract =
            (self.category == ImportCategory::Contract).then(|| contract::compare(&self.name, name, &ty));
        self.imports.push(Import { name: name.to_owned(), kind, ty, contract });
    }
}

/// Something that a module imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Import {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ItemKind,
    /// Its type, for a function like `(i64) -> i64`.
    #[serde(rename = "type")]
    pub ty: String,
    /// Whether the contract has it; `None` for modules that do not belong to the contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractMatch>,
}

/// A linear memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Memory {
    /// Pages at the start.
    pub min_pages: u64,
    /// The most pages that it may grow to; `None` when the module sets no limit.
    pub max_pages: Option<u64>,
    /// Bytes in a page, usually 65 536.
    pub page_bytes: u64,
    /// Whether it comes from outside.
    pub imported: bool,
    /// The names under which it is exported.
    pub exported_as: Vec<String>,
    /// Whether several threads may use it.
    pub shared: bool,
    /// Whether addresses have 64 bits.
    pub is_64_bit: bool,
}

/// A table of references.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Table {
    /// The type of its elements, for example `funcref`.
    pub element: String,
    /// Elements at the start.
    pub min_elements: u64,
    /// The most elements that it may grow to; `None` when the module sets no limit.
    pub max_elements: Option<u64>,
    /// Whether it comes from outside.
    pub imported: bool,
}
