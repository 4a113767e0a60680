//! A module's imports without the rest, to ask who provides them before anything of the module runs.

use wasm_encoder::{Module, RawSection};
use wasmparser::{Parser, Payload};

/// A module with the same imports that contains nothing; `None` when this is not a valid module.
pub(crate) fn imports_only(wasm: &[u8]) -> Option<Vec<u8>> {
    let mut shell = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.ok()?;
        if let Payload::TypeSection(_) | Payload::ImportSection(_) = payload
            && let Some((id, range)) = payload.as_section()
        {
            shell.section(&RawSection { id, data: wasm.get(range)? });
        }
    }
    Some(shell.finish())
}
