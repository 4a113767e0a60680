//! Host functions from typed closures: every number of parameters, every type.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use plugwright::{
    CurrentPlugin, ErrorKind, HostFunction, Json, MemoryHandle, Msgpack, Plugin, Result, ToBytes, ValType,
};

use crate::support::{DropCount, guest, pipe};

/// Calls a host function of `n` `i64` parameters with 1, 2, 4, … and returns its result.
fn with_powers_of_two(n: u32, function: HostFunction) -> i64 {
    assert_eq!(function.params(), vec![ValType::I64; n as usize]);
    let params = "i64 ".repeat(n as usize);
    let arguments: String = (0..n).map(|bit| format!("(i64.const {})", 1u64 << bit)).collect();
    let import = format!(r#"(import "extism:host/user" "f" (func $f (param {params}) (result i64)))"#);
    let body = format!(r#"(func (export "run") (call $out_number (call $f {arguments})))"#);
    guest(&import, &body).host_function(function).build().unwrap().call("run", ()).unwrap()
}

#[test]
fn zero_to_eight_parameters() {
    // The factors show that no two parameters change places.
    let functions = [
        HostFunction::new("f", || 0i64),
        HostFunction::new("f", |a: i64| a),
        HostFunction::new("f", |a: i64, b: i64| a + 3 * b),
        HostFunction::new("f", |a: i64, b: i64, c: i64| a + 3 * b + 5 * c),
        HostFunction::new("f", |a: i64, b: i64, c: i64, d: i64| a + 3 * b + 5 * c + 7 * d),
        HostFunction::new("f", |a: i64, b: i64, c: i64, d: i64, e: i64| a + 3 * b + 5 * c + 7 * d + 9 * e),
        HostFunction::new("f", |a: i64, b: i64, c: i64, d: i64, e: i64, f: i64| {
            a + 3 * b + 5 * c + 7 * d + 9 * e + 11 * f
        }),
        HostFunction::new("f", |a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64| {
            a + 3 * b + 5 * c + 7 * d + 9 * e + 11 * f + 13 * g
        }),
        HostFunction::new("f", |a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64, h: i64| {
            a + 3 * b + 5 * c + 7 * d + 9 * e + 11 * f + 13 * g + 15 * h
        }),
    ];
    for (n, function) in (0..).zip(functions) {
        let expected: i64 = (0..i64::from(n)).map(|bit| (2 * bit + 1) << bit).sum();
        assert_eq!(with_powers_of_two(n, function), expected, "{n} parameters");
    }
}

#[test]
fn zero_to_eight_parameters_after_the_plugin() {
    type Current<'a, 'b> = &'a mut CurrentPlugin<'b>;
    let functions = [
        HostFunction::new("f", |_: Current| 0i64),
        HostFunction::new("f", |_: Current, a: i64| a),
        HostFunction::new("f", |_: Current, a: i64, b: i64| a + b),
        HostFunction::new("f", |_: Current, a: i64, b: i64, c: i64| a + b + c),
        HostFunction::new("f", |_: Current, a: i64, b: i64, c: i64, d: i64| a + b + c + d),
        HostFunction::new("f", |_: Current, a: i64, b: i64, c: i64, d: i64, e: i64| a + b + c + d + e),
        HostFunction::new("f", |_: Current, a: i64, b: i64, c: i64, d: i64, e: i64, f: i64| {
            a + b + c + d + e + f
        }),
        HostFunction::new("f", |_: Current, a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64| {
            a + b + c + d + e + f + g
        }),
        HostFunction::new(
            "f",
            |_: Current, a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64, h: i64| {
                a + b + c + d + e + f + g + h
            },
        ),
    ];
    for (n, function) in (0..).zip(functions) {
        assert_eq!(with_powers_of_two(n, function), (1 << n) - 1, "{n} parameters");
    }
}

#[test]
fn zero_to_eight_parameters_of_async_functions() {
    let functions = [
        HostFunction::new_async("f", || async { 0i64 }),
        HostFunction::new_async("f", |a: i64| async move { a }),
        HostFunction::new_async("f", |a: i64, b: i64| async move { a + b }),
        HostFunction::new_async("f", |a: i64, b: i64, c: i64| async move { a + b + c }),
        HostFunction::new_async("f", |a: i64, b: i64, c: i64, d: i64| async move { a + b + c + d }),
        HostFunction::new_async(
            "f",
            |a: i64, b: i64, c: i64, d: i64, e: i64| async move { a + b + c + d + e },
        ),
        HostFunction::new_async("f", |a: i64, b: i64, c: i64, d: i64, e: i64, f: i64| async move {
            a + b + c + d + e + f
        }),
        HostFunction::new_async("f", |a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64| async move {
            a + b + c + d + e + f + g
        }),
        HostFunction::new_async(
            "f",
            |a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64, h: i64| async move {
                a + b + c + d + e + f + g + h
            },
        ),
    ];
    for (n, function) in (0..).zip(functions) {
        assert_eq!(with_powers_of_two(n, function), (1 << n) - 1, "{n} parameters");
    }
}

/// What a guest gets for a constant from a function of one number, as the bits of an `i64`.
fn number(function: HostFunction, constant: &str, to_i64: &str) -> i64 {
    let (param, result) = (function.params()[0], function.results()[0]);
    let import = format!(r#"(import "extism:host/user" "f" (func $f (param {param}) (result {result})))"#);
    let body = format!(r#"(func (export "run") (call $out_number ({to_i64} (call $f ({constant})))))"#);
    guest(&import, &body).host_function(function).build().unwrap().call("run", ()).unwrap()
}

#[test]
fn integers_keep_their_sign_and_their_bits() {
    let same = "i64.extend_i32_s";
    let i32_min = HostFunction::new("f", |a: i32| if a == i32::MIN { a + 1 } else { 0 });
    assert_eq!(number(i32_min, "i32.const -2147483648", same), i64::from(i32::MIN) + 1);
    let u32_max = HostFunction::new("f", |a: u32| if a == u32::MAX { a - 1 } else { 0 });
    assert_eq!(number(u32_max, "i32.const -1", "i64.extend_i32_u"), i64::from(u32::MAX) - 1);
    let same = "i64.add (i64.const 0)";
    let i64_min = HostFunction::new("f", |a: i64| if a == i64::MIN { a + 1 } else { 0 });
    assert_eq!(number(i64_min, "i64.const -9223372036854775808", same), i64::MIN + 1);
    let u64_max = HostFunction::new("f", |a: u64| if a == u64::MAX { a - 1 } else { 0 });
    assert_eq!(number(u64_max, "i64.const -1", same), -2);
}

#[test]
fn floats_keep_their_bits_a_nan_and_infinity_included() {
    let f32_to_i64 = "i64.extend_i32_u (i32.reinterpret_f32";
    let through = |constant: &str, bits: u32| {
        let function = HostFunction::new("f", move |a: f32| {
            assert_eq!(a.to_bits(), bits);
            a
        });
        // The helper closes one parenthesis; the nested conversion needs another.
        let import = r#"(import "extism:host/user" "f" (func $f (param f32) (result f32)))"#;
        let body = format!(
            r#"(func (export "run") (call $out_number ({f32_to_i64} (call $f (f32.const {constant}))))))"#
        );
        guest(import, &body).host_function(function).build().unwrap().call::<_, u64>("run", ()).unwrap()
    };
    for (constant, value) in [("-0", -0.0f32), ("inf", f32::INFINITY), ("1.5", 1.5)] {
        assert_eq!(through(constant, value.to_bits()), u64::from(value.to_bits()), "{constant}");
    }
    assert_eq!(through("nan:0x200001", 0x7fa0_0001) & 0x7fbf_ffff, 0x7fa0_0001);

    let function = HostFunction::new("f", |a: f64| -a);
    assert_eq!(number(function, "f64.const -2.5", "i64.reinterpret_f64"), 2.5f64.to_bits() as i64);
}

#[test]
fn a_bool_is_any_number_but_zero() {
    for (constant, expected) in [("i32.const 0", 1), ("i32.const 1", 0), ("i32.const -7", 0)] {
        let not = HostFunction::new("f", |a: bool| !a);
        assert_eq!(number(not, constant, "i64.extend_i32_u"), expected, "{constant}");
    }
}

/// Calls a host function of one block with `input`, and returns the block that it gives back.
fn through<'i>(function: HostFunction, input: impl ToBytes<'i>) -> Result<Vec<u8>> {
    assert_eq!((function.params(), function.results()), (&[ValType::I64][..], &[ValType::I64][..]));
    pipe().host_function(function).build().unwrap().call("run", input)
}

#[test]
fn text_and_bytes() {
    let shout = HostFunction::new("f", |text: String| text.to_uppercase());
    assert_eq!(through(shout, "grüße 🌍").unwrap(), "GRÜSSE 🌍".as_bytes());
    let reverse = HostFunction::new("f", |bytes: Vec<u8>| bytes.into_iter().rev().collect::<Vec<u8>>());
    assert_eq!(through(reverse, [0u8, 255, 1]).unwrap(), [1, 255, 0]);
    let fixed = HostFunction::new("f", |_: MemoryHandle| "static text");
    assert_eq!(through(fixed, "x").unwrap(), b"static text");
}

#[test]
fn no_bytes_are_the_null_block_in_both_directions() {
    let empty = HostFunction::new("f", |text: String| {
        assert_eq!(text, "");
        String::new()
    });
    assert_eq!(through(empty, "").unwrap(), b"");
}

#[test]
fn json_and_msgpack() {
    let sum = HostFunction::new("f", |Json(numbers): Json<Vec<i64>>| {
        Json(BTreeMap::from([("sum", numbers.iter().sum::<i64>())]))
    });
    assert_eq!(through(sum, "[1, 2, -5]").unwrap(), br#"{"sum":-2}"#);
    let swap = HostFunction::new("f", |Msgpack((a, b)): Msgpack<(String, u8)>| Msgpack((b, a)));
    let bytes = through(swap, Msgpack(("left", 7u8))).unwrap();
    let expected = Msgpack((7u8, "left")).to_bytes().unwrap();
    assert_eq!(bytes, expected);
}

#[test]
fn options_are_the_null_block_for_none() {
    let halve =
        || HostFunction::new("f", |text: Option<String>| text.map(|text| text[..text.len() / 2].to_owned()));
    assert_eq!(through(halve(), "abcd").unwrap(), b"ab");
    assert_eq!(through(halve(), "").unwrap(), b"");
    let json = HostFunction::new("f", |numbers: Option<Json<Vec<u8>>>| {
        numbers.map(|Json(numbers)| Json(numbers.len()))
    });
    assert_eq!(through(json, "[7,7,7]").unwrap(), b"3");
}

#[test]
fn memory_handles_and_results() {
    let second_half = HostFunction::new(
        "f",
        |plugin: &mut CurrentPlugin<'_>, block: MemoryHandle| -> Result<MemoryHandle> {
            let bytes = plugin.read(block)?.to_vec();
            plugin.alloc_bytes(&bytes[bytes.len() / 2..])
        },
    );
    assert_eq!(through(second_half, "abcdef").unwrap(), b"def");
    let nothing = HostFunction::new("f", |number: i64| u32::try_from(number).map(drop));
    assert_eq!(nothing.results(), []);
    let fallible =
        HostFunction::new("f", |text: String| text.parse::<u32>().map(|number| format!("<{number}>")));
    assert_eq!(through(fallible, "17").unwrap(), b"<17>");
}

#[test]
fn a_function_without_a_result_is_called_for_its_effect() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut plugin = guest(
        r#"(import "extism:host/user" "f" (func $f (param i64 i32)))"#,
        r#"(func (export "run") (call $f (call $in) (i32.const 3)) (call $f (call $in) (i32.const 4)))"#,
    )
    .host_fn("f", {
        let seen = seen.clone();
        move |text: String, number: u32| seen.lock().unwrap().push((text, number))
    })
    .build()
    .unwrap();
    plugin.call::<_, ()>("run", "a").unwrap();
    plugin.call::<_, ()>("run", "b").unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(
        *seen,
        [("a", 3), ("a", 4), ("b", 3), ("b", 4)].map(|(text, number)| (text.to_owned(), number))
    );
}

#[test]
fn what_is_not_such_a_value_ends_the_call_with_decode() {
    let error = through(HostFunction::new("f", |text: String| text), [b'a', 0xff]).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Decode, "{error}");
    let error = through(HostFunction::new("f", |Json(()): Json<()>| 0u64), "{").unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Decode, "{error}");
    assert_eq!(error.function(), Some("run"));
    assert!(std::error::Error::source(&error).is_some());
}

/// A plug-in that passes an offset to a host function without a look at it.
fn with_offset(offset: &str, function: HostFunction) -> Result<()> {
    let import = r#"(import "extism:host/user" "f" (func $f (param i64) (result i64)))"#;
    let body = format!(r#"(func (export "run") (drop (call $f {offset})))"#);
    guest(import, &body)
        .host_function(function)
        .build()
        .unwrap()
        .call("run", "0123456789abcdef0123456789abcdef")
}

#[test]
fn an_offset_where_no_block_starts_ends_the_call_with_contract() {
    for offset in [
        "(i64.const 1)",
        "(i64.const -1)",
        "(i64.const 0x7fffffff0000)",
        "(i64.add (call $in) (i64.const 16))",
    ] {
        for function in [
            HostFunction::new("f", |text: String| text),
            HostFunction::new("f", |bytes: Vec<u8>| bytes),
            HostFunction::new("f", |Json(json): Json<Vec<u8>>| Json(json)),
            HostFunction::new("f", |text: Option<String>| text),
            HostFunction::new("f", |block: MemoryHandle| block),
            HostFunction::new_async("f", |text: String| async { text }),
        ] {
            let error = with_offset(offset, function).unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::Contract, "{offset}: {error}");
        }
    }
}

#[test]
fn functions_are_dropped_once_when_the_last_plugin_is_gone() {
    let drops = DropCount::default();
    let guard = drops.guard();
    let shared = HostFunction::new("f", move |text: String| {
        let _ = &guard;
        text
    });
    let asynchronous = {
        let guard = drops.guard();
        HostFunction::new_async("f", move |text: String| {
            let _ = &guard;
            async { text }
        })
    };
    let build =
        |function: &HostFunction| -> Plugin { pipe().host_function(function.clone()).build().unwrap() };
    for function in [&shared, &asynchronous] {
        let (mut first, mut second) = (build(function), build(function));
        assert_eq!(first.call::<_, String>("run", "1").unwrap(), "1");
        assert_eq!(second.call::<_, String>("run", "2").unwrap(), "2");
        drop(first);
        assert_eq!(second.call::<_, String>("run", "3").unwrap(), "3");
    }
    let mut last = build(&shared);
    drop((shared, asynchronous));
    assert_eq!(drops.get(), 1, "the async one");
    assert_eq!(last.call::<_, String>("run", "4").unwrap(), "4");
    assert_eq!(drops.get(), 1);
    drop(last);
    assert_eq!(drops.get(), 2);
}
