//! Traps: their kinds, where they happened, and what is left after them.

use plugwright::{Backtrace, CompilationCache, ErrorKind, Plugin, TrapKind};

use crate::support::{block_on, count, guest, plain, recall};

const BODY: &str = r#"
  (type $unit (func))
  (table $table 3 funcref)
  (elem (table $table) (i32.const 1) func $takes_a_number)
  (func $takes_a_number (param i32))
  (func (export "unreachable") unreachable)
  (func $recurse (export "recurse") (call $recurse))
  (func (export "read_outside") (drop (i32.load (i32.const -4))))
  (func (export "fill_outside") (memory.fill (i32.const 65535) (i32.const 1) (i32.const 2)))
  (func (export "no_such_element") (call_indirect $table (type $unit) (i32.const 3)))
  (func (export "empty_element") (call_indirect $table (type $unit) (i32.const 0)))
  (func (export "other_type") (call_indirect $table (type $unit) (i32.const 1)))
  (func (export "overflow") (drop (i32.div_s (i32.const -2147483648) (i32.const -1))))
  (func (export "convert_large") (drop (i32.trunc_f64_s (f64.const 1e300))))
  (func (export "divide") (drop (i64.rem_u (i64.const 1) (i64.const 0))))
  (func (export "convert_nan") (drop (i32.trunc_f32_s (f32.const nan))))
  (func (export "says_why") (result i32)
    (call $error_set (call $text (i32.const 0) (i32.const 16)))
    unreachable)
  (data (i32.const 0) "line one\nline 2\n")"#;

const KINDS: [(&str, TrapKind); 11] = [
    ("unreachable", TrapKind::Unreachable),
    ("recurse", TrapKind::StackOverflow),
    ("read_outside", TrapKind::MemoryOutOfBounds),
    ("fill_outside", TrapKind::MemoryOutOfBounds),
    ("no_such_element", TrapKind::TableOutOfBounds),
    ("empty_element", TrapKind::IndirectCallToNull),
    ("other_type", TrapKind::BadSignature),
    ("overflow", TrapKind::IntegerOverflow),
    ("convert_large", TrapKind::IntegerOverflow),
    ("divide", TrapKind::DivisionByZero),
    ("convert_nan", TrapKind::BadConversion),
];

fn check_all(mut plugin: Plugin) {
    plugin.call::<_, ()>("remember", "kept").unwrap();
    for (index, (function, kind)) in KINDS.into_iter().enumerate() {
        count(&mut plugin);
        let result: plugwright::Result<()> = if index % 2 == 0 {
            plugin.call(function, ())
        } else {
            block_on(plugin.call_async(function, ()))
        };
        let error = result.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Trap(kind), "{function}: {error}");
        assert_eq!((error.plugin(), error.function()), (Some("trapper"), Some(function)));
        assert!(!error.to_string().contains('\n'), "{error}");
        assert_eq!(plugin.output(), b"");
        assert_eq!(recall(&mut plugin), "kept");
        assert_eq!(count(&mut plugin), 1, "a fresh instance after {function}");
    }
}

#[test]
fn each_kind_of_trap_and_a_fresh_instance_after_it() {
    let builder = || guest("", BODY).name("trapper");
    check_all(builder().build().unwrap());
    check_all(builder().fuel(10_000_000).build().unwrap());
    check_all(builder().compact_memory(true).build().unwrap());
    let mut began_async = builder().build().unwrap();
    block_on(began_async.call_async::<_, u64>("count", ())).unwrap();
    check_all(began_async);
}

#[test]
fn endless_recursion_through_the_host_is_a_stack_overflow_too() {
    // The host function does not call back; it takes room on the stack of each of the guest's calls.
    let mut plugin = guest(
        r#"(import "env" "host" (func $host (param i64) (result i64)))"#,
        r#"(func $deep (export "deep") (drop (call $host (i64.const 0))) (call $deep) (drop (call $host (i64.const 0))))"#,
    )
    .host_fn("host", |number: i64| std::hint::black_box([number; 512]).iter().sum::<i64>())
    .build()
    .unwrap();
    for _ in 0..2 {
        let error = plugin.call::<_, ()>("deep", ()).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Trap(TrapKind::StackOverflow));
        let error = block_on(plugin.call_async::<_, ()>("deep", ())).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Trap(TrapKind::StackOverflow));
    }
}

#[test]
fn what_the_plugin_said_before_comes_first_in_the_message() {
    let error = guest("", BODY).build().unwrap().call::<_, ()>("says_why", ()).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Trap(TrapKind::Unreachable));
    assert_eq!(error.message(), "line one; line 2 (trapped: wasm `unreachable` instruction executed)");
}

#[test]
fn the_backtrace_names_functions() {
    let mut plugin = plain(
        r#"(module
          (func $innermost (param i32) (if (local.get 0) (then unreachable)))
          (func $_ZN4core9panicking5panic17h0123456789abcdefE (call $innermost (i32.const 1)))
          (func (export "run") (call $_ZN4core9panicking5panic17h0123456789abcdefE)))"#,
    )
    .build()
    .unwrap();
    let error = plugin.call::<_, ()>("run", ()).unwrap_err();
    let trace: &Backtrace = error.backtrace().expect("a backtrace");
    let names: Vec<Option<&str>> = trace.frames().iter().map(|frame| frame.function.as_deref()).collect();
    assert_eq!(names, [Some("innermost"), Some("core::panicking::panic"), None]);
    assert_eq!(trace.frames().iter().map(|frame| frame.function_index).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(trace.frames().iter().all(|frame| frame.offset.is_some()));
    let text = trace.to_string();
    assert!(
        text.starts_with("  0: innermost (offset 0x") && text.contains("\n  2: <function 2> (offset"),
        "{text}"
    );
    assert!(error.message().contains("`innermost`"), "{error}");
    let debug = format!("{error:?}");
    assert!(debug.contains("innermost") && debug.contains("Unreachable"), "{debug}");
}

#[test]
fn a_trap_in_a_start_function_is_a_trap_of_the_call() {
    for start in [
        "(func $start unreachable) (start $start)",
        r#"(func (export "_initialize") unreachable)"#,
        r#"(func (export "__wasm_call_ctors") unreachable)"#,
    ] {
        let mut plugin = plain(&format!(r#"(module {start} (func (export "run")))"#)).build().unwrap();
        for _ in 0..2 {
            let error = plugin.call::<_, ()>("run", ()).unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::Trap(TrapKind::Unreachable), "{start}");
            assert_eq!(error.function(), Some("run"));
        }
    }
}

#[test]
fn data_that_does_not_fit_is_a_trap_of_the_first_call() {
    let mut plugin =
        plain(r#"(module (memory 1) (data (i32.const 65535) "ab") (func (export "run")))"#).build().unwrap();
    for _ in 0..2 {
        let error = plugin.call::<_, ()>("run", ()).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Trap(TrapKind::MemoryOutOfBounds), "{error}");
    }
}

#[test]
fn the_backtrace_has_source_lines_when_the_plugin_carries_dwarf() {
    let text = "(module\n  (func $inner\n    unreachable)\n  (func (export \"run\")\n    call $inner))";
    let mut parser = wat::Parser::new();
    parser.generate_dwarf(wat::GenerateDwarf::Lines);
    let wasm = parser.parse_str(Some("guest.wat".as_ref()), text).unwrap();
    let mut plugin = Plugin::builder(wasm).cache(CompilationCache::Off).build().unwrap();
    let error = plugin.call::<_, ()>("run", ()).unwrap_err();
    let frames = error.backtrace().unwrap().frames();
    let places: Vec<_> = frames.iter().map(|frame| (frame.file.as_deref(), frame.line)).collect();
    assert_eq!(places.len(), 2);
    for ((file, line), expected) in places.into_iter().zip([3, 5]) {
        assert!(file.is_some_and(|file| file.ends_with("guest.wat")), "{file:?}");
        assert_eq!(line, Some(expected));
    }
}
