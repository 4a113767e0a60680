//! Every guest of the repository, rewritten.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use plugwright_rewrite::{MEMORY, NAMESPACE, START};
use wasmparser::{Name, NameSectionReader, Parser, Payload};
use wasmtime::Module;

fn guests(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guests").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

#[test]
fn guests_in_text() {
    let guests = guests("wat", "wat");
    assert!(guests.len() > 50, "only {} guests", guests.len());
    for guest in guests {
        check(&guest, &wat::parse_file(&guest).unwrap());
    }
}

#[test]
fn guests_that_are_built() {
    let guests = guests("build", "wasm");
    if guests.is_empty() {
        println!("skipped: no guest is built");
        // Where every guest can be built, none may be missing.
        assert!(
            std::env::var_os("PLUGWRIGHT_ALL_GUESTS").is_none(),
            "guests are missing: run `cargo xtask guests`"
        );
    }
    for guest in guests {
        check(&guest, &std::fs::read(&guest).unwrap());
    }
}

fn check(path: &Path, wasm: &[u8]) {
    let guest = path.file_name().unwrap().to_str().unwrap();
    let rewritten = support::rewrite(wasm);
    let engine = support::engine();
    // The engine's judgement, which is a matter of the features that it has.
    if let Err(error) = Module::validate(&engine, wasm) {
        assert!(Module::validate(&engine, &rewritten.wasm).is_err(), "{guest} was not valid: {error}");
        return;
    }
    Module::validate(&engine, &rewritten.wasm).unwrap_or_else(|error| panic!("{guest}: {error:?}"));

    let before = Contents::read(wasm);
    let after = Contents::read(&rewritten.wasm);
    assert_eq!(before.imports, after.imports, "{guest}");
    assert_eq!(before.names, after.names, "{guest}");
    assert_eq!(rewritten.has_start, before.has_start, "{guest}");
    assert!(!after.has_start, "{guest}");
    let (added, kept): (Vec<_>, Vec<_>) =
        after.exports.into_iter().partition(|export| export.contains(NAMESPACE));
    assert_eq!(before.exports, kept, "{guest}");
    assert_eq!(added.len(), 6 + usize::from(before.has_start), "{guest}");
    assert!(added.iter().any(|export| export.contains(MEMORY)), "{guest}");
    assert_eq!(added.iter().any(|export| export.contains(START)), before.has_start, "{guest}");
    assert_eq!(rewritten.offsets.code_start(), before.code_start, "{guest}");
    assert_eq!(u64::from(rewritten.first_added_function), before.functions, "{guest}");
    let kept: Vec<_> =
        before.custom_sections.iter().filter(|(name, _)| !name.starts_with(".debug_")).cloned().collect();
    assert!(kept == after.custom_sections, "{guest}: other custom sections");
    assert_eq!(before.other_sections, after.other_sections, "{guest}");

    // What may be called directly no more is not called directly any more, but for the bulk functions' errors.
    let replaced: BTreeSet<u64> = (0..)
        .zip(&before.function_imports)
        .filter(|(_, name)| is_replaced(name))
        .map(|(index, _)| index)
        .collect();
    assert!(after.calls.is_disjoint(&replaced), "{guest} still calls what should be replaced");
    let twice = plugwright_rewrite::rewrite(&rewritten.wasm).unwrap_err();
    assert!(matches!(twice, plugwright_rewrite::Error::ReservedExport { .. }), "{guest}: {twice}");
}

fn is_replaced(import: &str) -> bool {
    [
        "load_u8(i64) -> i32",
        "load_u64(i64) -> i64",
        "store_u8(i64 i32) -> ",
        "store_u64(i64 i64) -> ",
        "input_load_u8(i64) -> i32",
        "input_load_u64(i64) -> i64",
        "input_length() -> i64",
        "input_offset() -> i64",
    ]
    .iter()
    .any(|signature| import == format!("extism:host/env.{signature}"))
}

/// What is in a module, as far as the rewrite must not change it.
#[derive(Default)]
struct Contents {
    imports: Vec<String>,
    /// The imported functions with their types.
    function_imports: Vec<String>,
    exports: Vec<String>,
    names: Vec<(u32, String)>,
    custom_sections: Vec<(String, Vec<u8>)>,
    /// The sections that nothing is added to.
    other_sections: Vec<(u8, Vec<u8>)>,
    calls: BTreeSet<u64>,
    functions: u64,
    has_start: bool,
    code_start: u64,
}

impl Contents {
    fn read(wasm: &[u8]) -> Self {
        let mut contents = Self::default();
        let mut types = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.unwrap();
            match &payload {
                Payload::TypeSection(section) => {
                    for ty in section.clone().into_iter_err_on_gc_types() {
                        let ty = ty.unwrap();
                        let words = |types: &[wasmparser::ValType]| {
                            types.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
                        };
                        types.push(format!("({}) -> {}", words(ty.params()), words(ty.results())));
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.clone().into_imports() {
                        let import = import.unwrap();
                        contents.imports.push(format!("{import:?}"));
                        if let wasmparser::TypeRef::Func(ty) = import.ty {
                            contents.functions += 1;
                            let ty = &types[ty as usize];
                            contents.function_imports.push(format!("{}.{}{ty}", import.module, import.name));
                        }
                    }
                }
                Payload::FunctionSection(section) => contents.functions += u64::from(section.count()),
                Payload::ExportSection(section) => {
                    contents
                        .exports
                        .extend(section.clone().into_iter().map(|export| format!("{:?}", export.unwrap())));
                }
                Payload::StartSection { .. } => contents.has_start = true,
                Payload::CodeSectionStart { range, .. } => contents.code_start = range.start as u64,
                Payload::CodeSectionEntry(body) => {
                    for operator in body.get_operators_reader().unwrap() {
                        if let wasmparser::Operator::Call { function_index } = operator.unwrap() {
                            contents.calls.insert(function_index.into());
                        }
                    }
                }
                Payload::CustomSection(section) => {
                    if section.name() == "name" {
                        let reader = wasmparser::BinaryReader::new(section.data(), section.data_offset());
                        for subsection in NameSectionReader::new(reader) {
                            if let Ok(Name::Function(names)) = subsection {
                                contents.names.extend(names.into_iter().map(|naming| {
                                    let naming = naming.unwrap();
                                    (naming.index, naming.name.to_owned())
                                }));
                            }
                        }
                    }
                    contents.custom_sections.push((section.name().to_owned(), section.data().to_vec()));
                }
                Payload::TableSection(_)
                | Payload::ElementSection(_)
                | Payload::DataSection(_)
                | Payload::TagSection(_) => {
                    let (id, range) = payload.as_section().unwrap();
                    contents.other_sections.push((id, wasm[range].to_vec()));
                }
                _ => {}
            }
        }
        contents
    }
}
