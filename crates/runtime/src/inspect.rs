//! What a WebAssembly module offers and needs, told without running or compiling it.
//!
//! ```
//! # fn main() -> plugwright::Result<()> {
//! // A module with one function, `run`, that takes and returns nothing.
//! let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x07\x01\x03run\0\0\x0a\x04\x01\x02\0\x0b";
//! let inspection = plugwright::inspect::inspect(wasm)?;
//! assert_eq!(inspection.callable_exports[0].name, "run");
//! assert!(inspection.imports.is_empty());
//! # Ok(())
//! # }
//! ```

use serde::Serialize;
use sha2::{Digest, Sha256};
use wasmparser::{Encoding, Parser, Payload, Validator, WasmFeatures};

use crate::error::{Error, ErrorKind, Result};

mod contract;
mod custom;
mod items;
mod reader;
mod signature;
#[cfg(test)]
mod tests;
mod toolchain;

pub use contract::ContractMatch;
pub use custom::{CustomSection, Producer, TargetFeature};
pub(crate) use items::START_UP;
pub use items::{Export, Import, ImportCategory, ImportModule, ItemKind, Memory, ModuleKind, Table};

/// What [`inspect`] found in a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// Bytes of the whole module.
    pub size_bytes: u64,
    /// The SHA-256 of the module in lower-case hexadecimal, as a manifest's `hash` gives it.
    pub sha256: String,
    /// How the module is started.
    pub kind: ModuleKind,
    /// The language that it was written in, when that can be told. A guess from traces that toolchains leave, which
    /// stripping removes and anybody can forge.
    pub language: Option<String>,
    /// The plug-in development kit that it was built with, when that can be told. A guess, as `language`.
    pub pdk: Option<String>,
    /// The functions that a host can call by name: those of type `() -> ()` or `() -> i32` that are not part of the
    /// start-up.
    pub callable_exports: Vec<Export>,
    /// All other exports.
    pub other_exports: Vec<Export>,
    /// What the module needs, by the module that it is imported from, in the order of first mention.
    pub imports: Vec<ImportModule>,
    /// The memories that the module defines or imports.
    pub memories: Vec<Memory>,
    /// The tables that the module defines or imports.
    pub tables: Vec<Table>,
    /// Whether the module has a start function, which runs at every instantiation.
    pub has_start_function: bool,
    /// The number of functions that the module defines.
    pub functions: u64,
    /// Bytes of the section with the functions' code.
    pub code_bytes: u64,
    /// Bytes that initialise memories.
    pub data_bytes: u64,
    /// The custom sections in the order of the file.
    pub custom_sections: Vec<CustomSection>,
    /// Whether there is debugging information (DWARF) in the module, so that backtraces show source lines.
    pub has_dwarf: bool,
    /// Whether functions have names, so that backtraces show them.
    pub has_names: bool,
    /// The tools that say to have made the module, in the order of the file.
    pub producers: Vec<Producer>,
    /// The features of WebAssembly that the module says to use or to avoid.
    pub target_features: Vec<TargetFeature>,
}

/// Reads and validates a WebAssembly binary. Nothing of it runs.
///
/// Custom sections do not decide whether a module is valid: one with malformed content counts as absent, except that
/// `custom_sections` lists it.
///
/// # Errors
///
/// [`Compile`](ErrorKind::Compile) when `bytes` are not a valid module. The message says at which offset, in bytes.
pub fn inspect(bytes: &[u8]) -> Result<Inspection> {
    refuse_components(bytes)?;
    Validator::new_with_features(WasmFeatures::all()).validate_all(bytes).map_err(|error| invalid(&error))?;
    let module = reader::Module::read(bytes).map_err(|error| invalid(&error))?;
    let (callable_exports, other_exports) =
        module.exports.iter().cloned().partition(|export| export.callable);
    let language = toolchain::language(&module);
    Ok(Inspection {
        size_bytes: bytes.len() as u64,
        sha256: hex(&Sha256::digest(bytes)),
        kind: ModuleKind::of(&module.exports),
        language: language.map(str::to_owned),
        pdk: toolchain::pdk(&module, language).map(str::to_owned),
        callable_exports,
        other_exports,
        imports: module.imports,
        memories: module.memories,
        tables: module.tables,
        has_start_function: module.has_start_function,
        functions: module.functions,
        code_bytes: module.code_bytes,
        data_bytes: module.data.iter().map(|data| data.len() as u64).sum(),
        has_dwarf: module.custom_sections.iter().any(CustomSection::is_dwarf),
        has_names: !module.function_names.is_empty(),
        custom_sections: module.custom_sections,
        producers: module.producers,
        target_features: module.target_features,
    })
}

/// A component begins like a module and is valid by itself, but has nothing that the contract knows.
fn refuse_components(bytes: &[u8]) -> Result<()> {
    match Parser::new(0).parse_all(bytes).next() {
        Some(Ok(Payload::Version { encoding: Encoding::Component, .. })) => {
            let message = "this is a WebAssembly component, but a plug-in is a core module; build it for a target such as \
                           `wasm32-wasip1` or `wasm32-unknown-unknown`";
            Err(Error::new(ErrorKind::Compile, message))
        }
        _ => Ok(()),
    }
}

fn invalid(error: &wasmparser::Error) -> Error {
    let message =
        format!("not a valid WebAssembly module: {}, at offset {:#x}", error.message(), error.offset());
    Error::new(ErrorKind::Compile, message)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
