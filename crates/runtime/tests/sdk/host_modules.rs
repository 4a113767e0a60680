//! Which imports a host function satisfies, and what is said about those that nothing does.

use std::sync::{Arc, Mutex};

use plugwright::{DEFAULT_MODULE, ErrorKind, HostFunction, MissingImport, Plugin, Result, Val, ValType};

use crate::support::{guest, plain};

/// Builds a guest that imports `f: (i64) -> i64` from a module and calls it with 20.
fn importing(module: &str, functions: impl IntoIterator<Item = HostFunction>) -> Result<Plugin> {
    let import = format!(r#"(import "{module}" "f" (func $f (param i64) (result i64)))"#);
    let body = r#"(func (export "run") (call $out_number (call $f (i64.const 20))))"#;
    guest(&import, body).host_functions(functions).build()
}

fn add(summand: i64) -> HostFunction {
    HostFunction::new("f", move |number: i64| number + summand)
}

fn missing(error: &plugwright::Error) -> &[MissingImport] {
    match error.kind() {
        ErrorKind::Link { missing } => missing,
        other => panic!("{other:?}: {error}"),
    }
}

#[test]
fn a_function_is_in_the_default_module_and_in_env() {
    for module in [DEFAULT_MODULE, "env"] {
        let answer: i64 = importing(module, [add(1)]).unwrap().call("run", ()).unwrap();
        assert_eq!(answer, 21, "{module}");
    }
    let error = importing("other", [add(1)]).unwrap_err();
    assert_eq!(missing(&error).len(), 1);
}

#[test]
fn a_chosen_module_is_the_only_one() {
    let chosen = || add(2).in_module("my:company/api");
    assert_eq!(chosen().module(), Some("my:company/api"));
    let answer: i64 = importing("my:company/api", [chosen()]).unwrap().call("run", ()).unwrap();
    assert_eq!(answer, 22);
    for module in [DEFAULT_MODULE, "env"] {
        assert_eq!(missing(&importing(module, [chosen()]).unwrap_err())[0].module, module);
    }
    // Chosen explicitly, the default module does not include `env`.
    importing(DEFAULT_MODULE, [add(2).in_module(DEFAULT_MODULE)]).unwrap();
    importing("env", [add(2).in_module(DEFAULT_MODULE)]).unwrap_err();
}

#[test]
fn the_same_name_in_two_modules_is_two_functions() {
    let functions = || [add(1), add(100).in_module("other")];
    let answer: i64 = importing("other", functions()).unwrap().call("run", ()).unwrap();
    assert_eq!(answer, 120);
    let answer: i64 = importing("env", functions()).unwrap().call("run", ()).unwrap();
    assert_eq!(answer, 21);
}

#[test]
fn the_same_name_twice_in_a_module_is_an_error() {
    let of_other_type = HostFunction::new("f", |_: f64| ());
    for second in [add(2), of_other_type, add(2).in_module(DEFAULT_MODULE)] {
        let error = importing(DEFAULT_MODULE, [add(1), second]).unwrap_err();
        assert_eq!(missing(&error), []);
        assert!(error.to_string().contains(".f` is defined twice"), "{error}");
    }
}

#[test]
fn a_function_for_env_comes_before_one_of_the_default_module() {
    let functions = || [add(1), add(100).in_module("env")];
    let answer: i64 = importing("env", functions()).unwrap().call("run", ()).unwrap();
    assert_eq!(answer, 120);
    let answer: i64 = importing(DEFAULT_MODULE, functions()).unwrap().call("run", ()).unwrap();
    assert_eq!(answer, 21);
}

#[test]
fn the_contracts_own_functions_cannot_be_replaced() {
    let alloc = HostFunction::new("alloc", |_: i64| 0i64).in_module("extism:host/env");
    assert_eq!(missing(&importing(DEFAULT_MODULE, [add(1), alloc]).unwrap_err()), []);
    let write = HostFunction::new("fd_write", |_: i32| 0i32).in_module("wasi_snapshot_preview1");
    let module = r#"(module (func (export "run")))"#;
    plain(module).wasi(true).host_function(write.clone()).build().unwrap_err();
    plain(module).host_function(write).build().unwrap();
}

#[test]
fn another_type_is_an_error_that_names_both() {
    let function = HostFunction::new("f", |_: i32, _: f64| ());
    let error = importing("env", [function]).unwrap_err();
    let [import] = missing(&error) else { panic!("{error}") };
    assert_eq!((&*import.module, &*import.name, &*import.ty), ("env", "f", "(i64) -> i64"));
    let hint = import.hint.as_deref().expect("a hint");
    assert!(hint.contains("(i32, f64) -> ()"), "{hint}");
    assert!(
        error.to_string().contains("`env.f` (i64) -> i64") && error.to_string().contains(hint),
        "{error}"
    );
}

#[test]
fn all_missing_imports_are_listed_before_any_guest_code_runs() {
    let error = plain(
        r#"(module
          (import "env" "one" (func (param i32)))
          (import "env" "one" (func (param i32)))
          (import "extism:host/env" "two" (func (result i64)))
          (import "extism:host/env" "alloc" (func (param i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_close" (func (param i32) (result i32)))
          (import "wasi_unstable" "fd_close" (func (param i32) (result i32)))
          (import "env" "memory" (memory 3))
          (import "env" "table" (table 4 funcref))
          (import "env" "global" (global (mut f32)))
          (func $start unreachable)
          (start $start))"#,
    )
    .name("needy")
    .build()
    .unwrap_err();
    let imports: Vec<(&str, &str)> =
        missing(&error).iter().map(|import| (import.name.as_str(), import.ty.as_str())).collect();
    assert_eq!(
        imports,
        [
            ("one", "(i32) -> ()"),
            ("two", "() -> i64"),
            ("alloc", "(i32) -> i32"),
            ("fd_close", "(i32) -> i32"),
            ("fd_close", "(i32) -> i32"),
            ("memory", "memory of at least 3 pages"),
            ("table", "table of at least 4 elements"),
            ("global", "global f32"),
        ]
    );
    assert!(missing(&error)[3].hint.as_deref().is_some_and(|hint| hint.contains("wasi(true)")));
    assert!(missing(&error)[4].hint.as_deref().is_some_and(|hint| hint.contains("preview 1")));
    assert_eq!((error.plugin(), error.function()), (Some("needy"), None));
    let text = error.to_string();
    assert!(
        !text.contains('\n') && missing(&error).iter().all(|import| text.contains(&import.to_string())),
        "{text}"
    );
}

#[test]
fn functions_that_nobody_imports_do_no_harm() {
    let unused = (0..100).map(|index| HostFunction::new(format!("unused_{index}"), || ()));
    let mut plugin = importing("env", unused.chain([add(3)])).unwrap();
    assert_eq!(plugin.call::<_, i64>("run", ()).unwrap(), 23);
}

#[test]
fn a_function_tells_about_itself() {
    let function = HostFunction::new("f", |_: String, _: f32, _: bool| Some(Vec::<u8>::new()));
    assert_eq!((function.name(), function.module()), ("f", None));
    let types =
        |types: &[plugwright::ValType]| types.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    assert_eq!((types(function.params()), types(function.results())), ("i64 f32 i32".into(), "i64".into()));
    assert!(format!("{function:?}").contains("\"f\""));
}

#[test]
fn functions_are_made_to_measure_of_imports() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let text = r#"(module
        (import "my:module" "f" (func $f (param i32 i64) (result f64)))
        (import "my:module" "f" (func $same (param i32 i64) (result f64)))
        (func (export "run") (drop (call $f (i32.const 1) (i64.const 2)))))"#;
    let mut plugin = Plugin::builder(text.as_bytes())
        .host_functions_for(move |import| {
            seen.lock().unwrap().push(import.clone());
            let (params, results) = (import.params.clone(), import.results.clone());
            let function = HostFunction::raw(&import.name, params, results, |_, params, results| {
                assert_eq!(params, [Val::I32(1), Val::I64(2)]);
                results[0] = Val::F64(1.0);
                Ok(())
            });
            Some(function.in_module(&import.module))
        })
        .build()
        .unwrap();
    plugin.call::<_, ()>("run", "").unwrap();
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 1, "each import once");
    assert_eq!((asked[0].module.as_str(), asked[0].name.as_str()), ("my:module", "f"));
    assert_eq!(asked[0].params, [ValType::I32, ValType::I64]);
    assert_eq!(asked[0].results, [ValType::F64]);
}

#[test]
fn what_is_not_made_to_measure_is_missing() {
    let text = r#"(module (import "my:module" "f" (func)) (func (export "run")))"#;
    let error = Plugin::builder(text.as_bytes()).host_functions_for(|_| None).build().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Link { missing } if missing.len() == 1), "{error:?}");
}
