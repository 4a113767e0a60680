//! Plug-ins of several modules, which share the kernel memory.

use plugwright::{CompilationCache, ErrorKind, Manifest, Plugin, PluginBuilder, Wasm};

use crate::support::{block_on, plain, wat};

/// A library that appends `!` to a block, and counts its calls in a global of its own.
fn library() -> String {
    wat(
        "",
        r#"(global $calls (mut i64) (i64.const 0))
           (global $ready (mut i32) (i32.const 0))
           (func (export "_initialize") (global.set $ready (i32.const 1)))
           (func (export "ready") (result i32) (global.get $ready))
           (func (export "mark") (param $text i64) (result i64) (local $marked i64)
             (global.set $calls (i64.add (global.get $calls) (i64.const 1)))
             (local.set $marked (call $alloc (i64.const 1)))
             (call $store_u8 (local.get $marked) (i32.add (i32.const 0x30) (i32.wrap_i64 (call $length (local.get $text)))))
             (local.get $marked))"#,
    )
}

/// Puts out the digit that the library makes of the input's length.
fn main_module(library: &str) -> String {
    wat(
        &format!(
            r#"(import "{library}" "mark" (func $mark (param i64) (result i64)))
               (import "{library}" "ready" (func $ready (result i32)))"#
        ),
        r#"(func (export "run") (result i32)
             (call $out (call $mark (call $in)))
             (i32.eqz (call $ready)))"#,
    )
}

fn works(builder: PluginBuilder) {
    let compiled = builder.cache(CompilationCache::Off).compile().unwrap();
    let mut plugin = compiled.instantiate().unwrap();
    assert_eq!(plugin.call::<_, String>("run", "12345").unwrap(), "5");
    assert_eq!(plugin.call::<_, String>("run", "1").unwrap(), "1");
    let mut plugin = compiled.instantiate().unwrap();
    assert_eq!(block_on(plugin.call_async::<_, String>("run", "123")).unwrap(), "3");
    plugin.restart();
    assert_eq!(plugin.call::<_, String>("run", "12").unwrap(), "2");
}

#[test]
fn linked_by_the_builder() {
    works(plain(&main_module("library")).link("library", library().into_bytes()));
}

#[test]
fn linked_by_a_manifest_the_last_is_the_main_module() {
    let modules =
        [Wasm::data(library()).with_name("library"), Wasm::data(main_module("library")).with_name("app")];
    works(Plugin::builder(Manifest::new(modules)));
}

#[test]
fn the_module_named_main_is_the_main_module_wherever_it_stands() {
    let modules =
        [Wasm::data(main_module("library")).with_name("main"), Wasm::data(library()).with_name("library")];
    works(Plugin::builder(Manifest::new(modules)));
}

#[test]
fn the_builder_may_link_to_a_manifests_modules() {
    let manifest = Manifest::new([Wasm::data(main_module("other"))]);
    works(Plugin::builder(manifest).link("other", library().into_bytes()));
}

#[test]
fn modules_may_use_each_other_in_any_order() {
    let second = r#"(module
        (import "first" "mark" (func $mark (param i64) (result i64)))
        (import "first" "ready" (func $ready (result i32)))
        (export "mark" (func $mark)) (export "ready" (func $ready)))"#;
    works(
        plain(&main_module("second")).link("first", library().into_bytes()).link("second", second.as_bytes()),
    );
    works(
        plain(&main_module("second")).link("second", second.as_bytes()).link("first", library().into_bytes()),
    );
}

#[test]
fn modules_that_import_from_each_other_are_refused() {
    let importing = |from: &str| format!(r#"(module (import "{from}" "f" (func)) (func (export "f")))"#);
    let error = plain(&main_module("a"))
        .link("a", importing("b").into_bytes())
        .link("b", importing("a").into_bytes())
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::InvalidManifest);
    assert!(error.to_string().contains("circle"), "{error}");
}

#[test]
fn a_linked_memory_that_is_too_small_is_refused_at_load() {
    let library = r#"(module (memory (export "m") 1) (global (export "g") i32 (i32.const 1)))"#;
    for import in [r#"(import "l" "m" (memory 2))"#, r#"(import "l" "g" (global (mut i32)))"#] {
        let main = format!(r#"(module {import} (func (export "run")))"#);
        let error = plain(&main).link("l", library.as_bytes()).build().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Link { missing } if missing.len() == 1), "{error}");
    }
}

#[test]
fn a_linked_module_comes_before_a_host_function() {
    let builder = plain(&main_module("env")).link("env", library().into_bytes());
    works(builder.host_fn("mark", |_: i64| 0i64));
}

#[test]
fn host_functions_serve_every_module() {
    let library = wat(
        r#"(import "env" "f" (func $f (param i64) (result i64)))"#,
        r#"(func (export "through") (param i64) (result i64) (call $f (local.get 0)))"#,
    );
    let main = wat(
        r#"(import "library" "through" (func $f (param i64) (result i64)))"#,
        r#"(func (export "run") (call $out (call $f (call $in))))"#,
    );
    let mut plugin = plain(&main)
        .link("library", library.into_bytes())
        .host_fn("f", |text: String| format!("<{text}>"))
        .build()
        .unwrap();
    assert_eq!(plugin.call::<_, String>("run", "x").unwrap(), "<x>");
}

#[test]
fn two_modules_of_one_name_are_an_error() {
    let library = || library().into_bytes();
    let two = |builder: PluginBuilder| {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::InvalidManifest, "{error}");
        error.to_string()
    };
    let message = two(plain(&main_module("a")).link("a", library()).link("a", library()));
    assert!(message.contains("`a`"), "{message}");
    two(plain(&main_module("a")).link("main", library()));
    let module = |name: &str| Wasm::data(library()).with_name(name);
    two(Plugin::builder(Manifest::new([module("a"), module("a"), module("main")])));
    two(Plugin::builder(Manifest::new([module("a"), module("main")])).link("a", library()));
}

#[test]
fn a_linked_module_is_one_module() {
    let two = Manifest::new([Wasm::data(library()).with_name("x"), Wasm::data(library())]);
    let error = plain(&main_module("library")).link("library", two).build().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::InvalidManifest);
    let error = plain(&main_module("library")).link("library", "no/such/file.wasm").build().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Load);
    let many = (0..64).fold(plain(&main_module("m0")), |builder, index| {
        builder.link(format!("m{index}"), library().into_bytes())
    });
    assert_eq!(many.build().unwrap_err().kind(), &ErrorKind::InvalidManifest, "65 modules");
}

#[test]
fn a_trap_anywhere_costs_the_whole_instance() {
    let library = wat(
        "",
        r#"(global $calls (mut i64) (i64.const 0))
        (func (export "once") (result i64)
          (if (i64.gt_u (global.get $calls) (i64.const 0)) (then unreachable))
          (global.set $calls (i64.const 1))
          (i64.const 7))"#,
    );
    let main = wat(
        r#"(import "library" "once" (func $once (result i64)))"#,
        r#"(func (export "run") (call $out_number (call $once)))"#,
    );
    let mut plugin = plain(&main).link("library", library.into_bytes()).build().unwrap();
    for _ in 0..2 {
        assert_eq!(plugin.call::<_, u64>("run", ()).unwrap(), 7);
        let error = plugin.call::<_, u64>("run", ()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Trap(_)));
        assert_eq!(error.backtrace().map(|trace| trace.frames().len()), Some(2));
    }
}

#[test]
fn what_a_linked_module_lacks_may_come_from_the_host() {
    let main = wat(
        r#"(import "env" "mark" (func $mark (param i64) (result i64)))
           (import "env" "wrap" (func $wrap (param i64) (result i64)))"#,
        r#"(func (export "run") (call $out (call $wrap (call $mark (call $in)))))"#,
    );
    let mut plugin = plain(&main)
        .link("env", library().into_bytes())
        .host_fn("wrap", |text: String| format!("<{text}>"))
        .build()
        .unwrap();
    assert_eq!(plugin.call::<_, String>("run", "1234").unwrap(), "<4>");
}
