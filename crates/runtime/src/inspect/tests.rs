//! Modules written as text, and damaged ones.

use proptest::prelude::{ProptestConfig, any};
use proptest::{collection, proptest};

use super::{ContractMatch, ImportCategory, Inspection, ItemKind, ModuleKind, inspect};
use crate::error::{Error, ErrorKind};

fn compile(wat: &str) -> Vec<u8> {
    wat::parse_str(wat).expect("valid text")
}

fn inspected(wat: &str) -> Inspection {
    inspect(&compile(wat)).expect("a valid module")
}

fn refused(bytes: &[u8]) -> Error {
    let error = inspect(bytes).expect_err("not a module");
    assert_eq!(error.kind(), &ErrorKind::Compile);
    error
}

/// A module with something of everything that is read.
const FULL: &str = r#"
(module $full
  (@custom "producers" (before first) "\01\08language\01\04Rust\042024")
  (import "extism:host/env" "alloc" (func (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func (param i64) (result i64)))
  (import "env" "table" (table 2 5 funcref))
  (import "extism:host/env" "fly" (func))
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (import "extism:host/user" "lookup" (func (param i64 i32) (result f64)))
  (import "env" "level" (global (mut i32)))
  (memory $m (export "memory") (export "again") 2 16)
  (global (export "version") i32 (i32.const 1))
  (table (export "table") 1 externref)
  (func $run (export "run") (result i32) (i32.const 0))
  (func (export "go"))
  (func (export "add") (param i32 i32) (result i32) (i32.const 0))
  (func $init (export "_initialize"))
  (func (export "pair") (result i32 i32) (i32.const 0) (i32.const 0))
  (start $init)
  (data (i32.const 0) "hello")
  (@custom "target_features" "\02+\07simd128-\07atomics")
  (@custom ".debug_info" "xyz"))
"#;

#[test]
fn exports_are_told_apart_by_what_can_be_called() {
    let module = inspected(FULL);
    let list = |exports: &[super::Export]| {
        exports.iter().map(|export| format!("{}: {}", export.name, export.ty)).collect::<Vec<_>>()
    };
    assert_eq!(list(&module.callable_exports), ["run: () -> i32", "go: () -> ()"]);
    assert_eq!(
        list(&module.other_exports),
        [
            "memory: 2 to 16 pages",
            "again: 2 to 16 pages",
            "version: i32",
            "table: externref, 1 element",
            "add: (i32, i32) -> i32",
            "_initialize: () -> ()",
            "pair: () -> (i32, i32)",
        ]
    );
    assert!(
        module.callable_exports.iter().all(|export| export.callable && export.kind == ItemKind::Function)
    );
    assert!(!module.other_exports.iter().any(|export| export.callable));
}

#[test]
fn imports_are_grouped_and_compared_with_the_contract() {
    let module = inspected(FULL);
    let groups: Vec<_> = module.imports.iter().map(|group| (group.name.as_str(), group.category)).collect();
    assert_eq!(
        groups,
        [
            ("extism:host/env", ImportCategory::Contract),
            ("env", ImportCategory::HostFunction),
            ("wasi_snapshot_preview1", ImportCategory::Wasi),
            ("extism:host/user", ImportCategory::HostFunction),
        ]
    );
    let of_contract: Vec<_> = module.imports[0]
        .imports
        .iter()
        .map(|import| (import.name.as_str(), import.contract.clone()))
        .collect();
    assert_eq!(
        of_contract,
        [
            ("alloc", Some(ContractMatch::Known)),
            ("load_u8", Some(ContractMatch::WrongType { expected: "(i64) -> i32".to_owned() })),
            ("fly", Some(ContractMatch::Unknown)),
        ]
    );
    let lookup = &module.imports[3].imports[0];
    assert_eq!((lookup.ty.as_str(), &lookup.contract), ("(i64, i32) -> f64", &None));
    let env: Vec<_> =
        module.imports[1].imports.iter().map(|import| (import.kind, import.ty.as_str())).collect();
    assert_eq!(env, [(ItemKind::Table, "funcref, 2 to 5 elements"), (ItemKind::Global, "mut i32")]);
}

#[test]
fn every_function_of_the_contract_is_known() {
    let types = [
        (
            "(i64) -> i64",
            "(param i64) (result i64)",
            "alloc length length_unsafe load_u64 input_load_u64 config_get var_get",
        ),
        ("(i64) -> i32", "(param i64) (result i32)", "load_u8 input_load_u8"),
        ("(i64) -> ()", "(param i64)", "free error_set log_trace log_debug log_info log_warn log_error"),
        ("(i64, i32) -> ()", "(param i64 i32)", "store_u8"),
        ("(i64, i64) -> ()", "(param i64 i64)", "store_u64 input_set output_set var_set"),
        (
            "() -> i64",
            "(result i64)",
            "input_length input_offset output_length output_offset error_get memory_bytes http_headers",
        ),
        ("(i64, i64) -> i64", "(param i64 i64) (result i64)", "http_request"),
        ("() -> i32", "(result i32)", "http_status_code get_log_level"),
        ("() -> ()", "", "reset"),
    ];
    let mut imports = String::new();
    for (_, ty, names) in types {
        for name in names.split(' ') {
            imports += &format!("(import \"extism:host/env\" \"{name}\" (func {ty}))\n");
        }
    }
    imports += "(import \"plugwright:host/env\" \"host_error_take\" (func (result i64)))";
    let module = inspected(&format!("(module {imports})"));
    assert_eq!(module.imports[0].imports.len(), 32);
    for group in &module.imports {
        assert_eq!(group.category, ImportCategory::Contract);
        for import in &group.imports {
            assert_eq!(import.contract, Some(ContractMatch::Known), "{}", import.name);
        }
    }
    for (text, _, names) in types {
        for name in names.split(' ') {
            let import = module.imports[0].imports.iter().find(|import| import.name == name);
            assert_eq!(import.map(|import| import.ty.as_str()), Some(text), "{name}");
        }
    }
    let strange = inspected(r#"(module (import "extism:host/env" "alloc" (memory 1)))"#);
    assert!(matches!(strange.imports[0].imports[0].contract, Some(ContractMatch::WrongType { .. })));
}

#[test]
fn sizes_memories_and_sections_are_told() {
    let bytes = compile(FULL);
    let module = inspect(&bytes).expect("a valid module");
    assert_eq!(module.size_bytes, bytes.len() as u64);
    assert_eq!((module.functions, module.data_bytes), (5, 5));
    assert!(module.code_bytes > 0 && module.code_bytes < module.size_bytes);
    assert!(module.has_start_function && module.has_dwarf && module.has_names);
    let memory = &module.memories[0];
    assert_eq!((memory.min_pages, memory.max_pages, memory.page_bytes), (2, Some(16), 65_536));
    assert_eq!(memory.exported_as, ["memory", "again"]);
    assert!(!memory.imported && !memory.shared && !memory.is_64_bit);
    let tables: Vec<_> = module.tables.iter().map(|table| (table.imported, table.max_elements)).collect();
    assert_eq!(tables, [(true, Some(5)), (false, None)]);
    let sections: Vec<_> =
        module.custom_sections.iter().map(|section| (section.name.as_str(), section.size_bytes)).collect();
    assert!(
        sections.contains(&(".debug_info", 3)) && sections.contains(&("target_features", 19)),
        "{sections:?}"
    );
    let features: Vec<_> =
        module.target_features.iter().map(|feature| (feature.name.as_str(), feature.used)).collect();
    assert_eq!(features, [("simd128", true), ("atomics", false)]);
    assert_eq!((module.producers[0].name.as_str(), module.producers[0].version.as_str()), ("Rust", "2024"));
}

#[test]
fn unusual_memories_are_told() {
    let module = inspected(r#"(module (import "env" "memory" (memory 1 2 shared)) (memory i64 3))"#);
    assert!(module.memories[0].imported && module.memories[0].shared);
    assert!(module.memories[1].is_64_bit && module.memories[1].max_pages.is_none());
}

#[test]
fn the_hash_is_that_of_the_file() {
    let empty = inspect(b"\0asm\x01\0\0\0").expect("the smallest module");
    assert_eq!(empty.sha256, "93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476");
    assert!(!empty.has_start_function && !empty.has_dwarf && !empty.has_names);
    assert_eq!((empty.language, empty.pdk), (None, None));
}

#[test]
fn the_kind_follows_from_the_exports() {
    let kind = |wat| inspected(wat).kind;
    assert_eq!(kind(r#"(module (func (export "run")))"#), ModuleKind::Library);
    assert_eq!(kind(r#"(module (func (export "_initialize")))"#), ModuleKind::Reactor);
    assert_eq!(kind(r#"(module (func (export "_start")))"#), ModuleKind::Command);
    assert_eq!(kind(r#"(module (global (export "_start") i32 (i32.const 0)))"#), ModuleKind::Library);
}

#[test]
fn languages_and_development_kits_are_recognised() {
    let data = |text: &str| format!(r#"(module (memory 1) (data (i32.const 0) "{text}"))"#);
    let wide = |text: &str| data(&text.chars().map(|c| format!("{c}\\00")).collect::<String>());
    let producers = |field: &str, name: &str| {
        format!(
            r#"(module (@custom "producers" "\01\{:02x}{field}\01\{:02x}{name}\011") (memory 1))"#,
            field.len(),
            name.len()
        )
    };
    for (wat, language, pdk) in [
        (producers("language", "Rust"), Some("Rust"), None),
        (producers("processed-by", "rustc"), Some("Rust"), None),
        (producers("language", "Go"), Some("Go"), None),
        (producers("processed-by", "TinyGo"), Some("Go (TinyGo)"), None),
        (producers("language", "C11"), Some("C"), None),
        (producers("language", "C_plus_plus_14"), Some("C++"), None),
        (producers("processed-by", "clang"), Some("C or C++"), None),
        (producers("processed-by", "Zig"), Some("Zig"), None),
        (producers("language", "Swift"), Some("Swift"), None),
        (producers("processed-by", "Javy"), Some("JavaScript"), None),
        (r#"(module (@custom "go:buildid" "x"))"#.to_owned(), Some("Go"), None),
        (r#"(module (func (export "hs_init") (param i32 i32)))"#.to_owned(), Some("Haskell"), None),
        (r#"(module (func $mono_wasm_load))"#.to_owned(), Some("C#"), None),
        (r#"(module (func $JS_NewRuntime))"#.to_owned(), Some("JavaScript"), None),
        (r#"(module (func $"~lib/rt/itcms/__new"))"#.to_owned(), Some("AssemblyScript"), None),
        (wide("~lib/rt/itcms.ts"), Some("AssemblyScript"), None),
        (wide("~lib/@extism/as-pdk/lib"), Some("AssemblyScript"), Some("Extism AssemblyScript PDK")),
        (data("/rustc/0123/library/core/src/x.rs x/extism-pdk-1.4.1/src/lib.rs"), Some("Rust"), Some("Extism Rust PDK")),
        (data("[native code] /rustc/0123/ use strict"), Some("JavaScript"), None),
        (data("System.Private.CoreLib Extism.Pdk"), Some("C#"), Some("Extism .NET PDK")),
        (
            r#"(module (@custom "go:buildid" "x") (func $"github.com/extism/go-pdk.Input"))"#.to_owned(),
            Some("Go"),
            Some("Extism Go PDK"),
        ),
        (
            r#"(module (@custom "producers" "\01\0cprocessed-by\01\05clang\0219") (func $extism_load_from_handle))"#.to_owned(),
            Some("C or C++"),
            Some("Extism C PDK"),
        ),
        (data("plain text"), None, None),
    ] {
        let module = inspected(&wat);
        assert_eq!((module.language.as_deref(), module.pdk.as_deref()), (language, pdk), "{wat}");
    }
}

#[test]
fn malformed_custom_sections_are_ignored() {
    let module = inspected(
        r#"(module
            (@custom "producers" "\01\08language\01\04Ru")
            (@custom "name" "\01\ff")
            (@custom "target_features" "\ff\ff\ff\ff\0f+\01x"))"#,
    );
    assert_eq!((module.producers.len(), module.language.as_deref(), module.has_names), (0, None, false));
    assert_eq!(module.target_features.len(), 1);
    assert_eq!(module.custom_sections.len(), 3);
}

#[test]
fn the_machine_readable_form_is_stable() {
    let wat = r#"(module (import "extism:host/env" "alloc" (func)) (func (export "_start")))"#;
    let json = serde_json::to_value(inspected(wat)).expect("JSON");
    assert_eq!(json["kind"], "command");
    assert_eq!(json["imports"][0]["category"], "contract");
    let import = serde_json::json!({
        "name": "alloc", "kind": "function", "type": "() -> ()",
        "contract": {"status": "wrong_type", "expected": "(i64) -> i64"},
    });
    assert_eq!(json["imports"][0]["imports"][0], import);
    let export =
        serde_json::json!({"name": "_start", "kind": "function", "type": "() -> ()", "callable": true});
    assert_eq!(json["callable_exports"][0], export);
    assert_eq!(json["language"], serde_json::Value::Null);
}

#[test]
fn what_is_not_a_module_is_refused_with_the_place() {
    for bytes in [&b""[..], b"\0as", b"{\"wasm\": []}", b"\x7fELF\x02\x01\x01\0\0\0", b"\0asm\x02\0\0\0"] {
        assert!(refused(bytes).message().contains("at offset 0x"), "{bytes:?}");
    }
    // An export of a function that is not there, and a body that does not fit its type.
    assert!(refused(b"\0asm\x01\0\0\0\x07\x05\x01\x01a\0\x07").message().contains("at offset 0x"));
    let wrong_body = compile("(module (func (result i32) unreachable))");
    let wrong_body: Vec<u8> = wrong_body.into_iter().map(|byte| if byte == 0 { 1 } else { byte }).collect();
    refused(&wrong_body);
    assert!(refused(b"\0asm\x0d\0\x01\0").message().contains("component"));
}

#[test]
fn every_truncation_is_refused_or_a_smaller_module() {
    let bytes = compile(FULL);
    let whole = inspect(&bytes).expect("a valid module");
    for len in 0..bytes.len() {
        match inspect(&bytes[..len]) {
            Ok(part) => assert!(part.size_bytes < whole.size_bytes),
            Err(error) => assert_eq!(error.kind(), &ErrorKind::Compile, "{len}"),
        }
    }
    // In the middle of the code there is no valid end.
    let code = bytes.windows(5).position(|window| window == b"hello").expect("the data");
    assert!(refused(&bytes[..code + 2]).message().contains("at offset 0x"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in collection::vec(any::<u8>(), 0..300)) {
        let _ = inspect(&bytes);
        let with_header = [b"\0asm\x01\0\0\0".as_slice(), &bytes].concat();
        let _ = inspect(&with_header);
    }

    #[test]
    fn damaged_modules_never_panic(damage in collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = compile(FULL);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Err(error) = inspect(&bytes) {
            assert_eq!(error.kind(), &ErrorKind::Compile);
        }
    }
}
