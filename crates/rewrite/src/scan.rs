//! Reads and validates the module.

use wasmparser::types::TypesRef;
use wasmparser::{Encoding, Parser, Payload, TypeRef, ValidPayload, Validator, WasmFeatures};

use crate::body::{Bodies, Changes};
use crate::chunk::Helpers;
use crate::import::Import;
use crate::inline::Inline;
use crate::kernel::{Kernel, NAMESPACE};
use crate::reserve::Reserve;
use crate::section::{Section, counted};
use crate::{Error, Options};

/// What there is to know of a module.
pub(crate) struct Scan {
    /// All sections that the rewritten module has too, in their order.
    pub(crate) sections: Vec<Section>,
    pub(crate) kernel: Kernel,
    pub(crate) functions: u32,
    pub(crate) start: Option<u32>,
    /// Nothing when there is no code.
    pub(crate) code: Option<Changes>,
}

/// Reads a module, validates it, and finds out what to change.
pub(crate) fn scan(wasm: &[u8], options: &Options) -> Result<Scan, Error> {
    // The engine decides about proposals. What counts here is that no index is out of range, since adding something would
    // make such an index valid.
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let mut sections = Vec::new();
    let mut start = None;
    let mut imports = Vec::new();
    let mut imports_memory = false;
    let mut bodies: Option<Bodies> = None;
    let mut end = None;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if let Payload::Version { encoding: Encoding::Component, .. } = payload {
            return Err(Error::Component);
        }
        match validator.payload(&payload)? {
            ValidPayload::Func(function, body) => {
                if let Some(bodies) = &mut bodies {
                    bodies.body(function, &body)?;
                }
            }
            ValidPayload::End(types) => end = Some(types),
            ValidPayload::Ok | ValidPayload::Parser(_) => {}
        }
        match &payload {
            Payload::ImportSection(section) => {
                for import in section.clone().into_imports() {
                    let import = import?;
                    match import.ty {
                        TypeRef::Func(_) | TypeRef::FuncExact(_) => {
                            imports.push(Import::named(import.module, import.name));
                        }
                        TypeRef::Memory(_) => imports_memory = true,
                        _ => {}
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section.clone() {
                    let name = export?.name;
                    if name.starts_with(NAMESPACE) {
                        return Err(Error::ReservedExport { name: name.to_owned() });
                    }
                }
            }
            Payload::StartSection { func, .. } => {
                start = Some(*func);
                continue;
            }
            Payload::CodeSectionStart { range, .. } => {
                if let Some(types) = validator.types(0) {
                    let first = counted(wasm, range.clone())?.1.start;
                    // An imported memory has another's size.
                    let reserve_pages = if imports_memory { 0 } else { options.reserve_pages };
                    let options = Options { reserve_pages, ..*options };
                    bodies = Some(code(wasm, first, &types, &imports, &options));
                }
            }
            Payload::CustomSection(section) if is_about_code(section.name()) => continue,
            _ => {}
        }
        if let Some((id, contents)) = payload.as_section()
            && !matches!(payload, Payload::CodeSectionEntry(_))
        {
            sections.push(Section { id, contents });
        }
    }
    let Some(types) = end else {
        // A module always ends; only a component's parts do not.
        return Err(Error::Component);
    };
    let types = types.as_ref();
    Ok(Scan {
        sections,
        kernel: Kernel::new(types.memory_count(), types.global_count(), options.kernel_pages),
        functions: types.function_count(),
        start,
        code: bodies.map(Bodies::finish),
    })
}

/// Whether a custom section of this name refers to offsets in the code.
fn is_about_code(name: &str) -> bool {
    name.starts_with(".debug_") || name.starts_with("metadata.code.")
}

/// Prepares for the bodies, the first of which is at `first`.
fn code<'a>(
    wasm: &'a [u8],
    first: usize,
    types: &TypesRef<'_>,
    imports: &[Option<Import>],
    options: &Options,
) -> Bodies<'a> {
    let Options { chunk_bytes, reserve_pages, kernel_pages } = *options;
    let memories: Vec<_> = (0..types.memory_count()).map(|index| types.memory_at(index)).collect();
    let has_memory = memories.first().is_some_and(|memory| !memory.memory64);
    let imports = (0..)
        .zip(imports)
        .map(|(index, import)| {
            import.filter(|import| {
                let ty = types[types.core_function_at(index)].unwrap_func();
                import.has_type(ty) && (has_memory || !import.needs_memory())
            })
        })
        .collect();
    let kernel = Kernel::new(types.memory_count(), types.global_count(), kernel_pages);
    let reserve = Reserve::new(memories.first().copied(), reserve_pages, kernel.next_global());
    let helpers =
        Helpers::new(memories, types.function_count(), types.core_type_count_in_module(), chunk_bytes);
    Bodies::new(wasm, first, imports, Inline { kernel, chunk_bytes }, helpers, reserve)
}
