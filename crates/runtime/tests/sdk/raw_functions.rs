//! Host functions over WebAssembly values.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use plugwright::{BoxFuture, CurrentPlugin, ErrorKind, HostFunction, Plugin, Val, ValType};

use crate::support::{block_on, count, guest, pipe};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

const ALL: [ValType; 5] = [ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128];

#[test]
fn values_of_every_type_in_both_directions() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = seen.clone();
    let back = |params: &[Val], results: &mut [Val]| {
        for (result, param) in results.iter_mut().zip(params.iter().rev()) {
            *result = *param;
        }
    };
    let reversed: Vec<ValType> = ALL.into_iter().rev().collect();
    let f = HostFunction::raw("f", ALL, reversed.clone(), move |_, params, results| {
        record.lock().unwrap().extend_from_slice(params);
        back(params, results);
        Ok(())
    });
    let g = HostFunction::raw_async("g", reversed, ALL, move |_, params, results| {
        Box::pin(async move {
            back(params, results);
            Ok(())
        })
    });
    let mut plugin = guest(
        r#"(import "env" "f" (func $f (param i32 i64 f32 f64 v128) (result v128 f64 f32 i64 i32)))
           (import "env" "g" (func $g (param v128 f64 f32 i64 i32) (result i32 i64 f32 f64 v128)))"#,
        r#"(func (export "run")
             (local $i i32) (local $l i64) (local $s f32) (local $d f64) (local $v v128) (local $block i64)
             (call $g (call $f (i32.const -1) (i64.const 0x7fffffffffffffff) (f32.const -0.5) (f64.const 0x1p-1000)
               (v128.const i64x2 0x1122334455667788 -1)))
             (local.set $v) (local.set $d) (local.set $s) (local.set $l) (local.set $i)
             (local.set $block (call $alloc (i64.const 40)))
             (call $store_u64 (local.get $block) (i64.extend_i32_s (local.get $i)))
             (call $store_u64 (i64.add (local.get $block) (i64.const 8)) (local.get $l))
             (call $store_u64 (i64.add (local.get $block) (i64.const 16)) (i64.extend_i32_u (i32.reinterpret_f32 (local.get $s))))
             (call $store_u64 (i64.add (local.get $block) (i64.const 24)) (i64.reinterpret_f64 (local.get $d)))
             (call $store_u64 (i64.add (local.get $block) (i64.const 32)) (i64x2.extract_lane 0 (local.get $v)))
             (call $out (local.get $block)))"#,
    )
    .host_functions([f, g])
    .build()
    .unwrap();
    let expected: Vec<u8> = [
        -1i64 as u64,
        i64::MAX as u64,
        u64::from((-0.5f32).to_bits()),
        f64::from_bits(23 << 52).to_bits(),
        0x1122_3344_5566_7788,
    ]
    .into_iter()
    .flat_map(u64::to_le_bytes)
    .collect();
    assert_eq!(plugin.call::<_, Vec<u8>>("run", ()).unwrap(), expected);
    let values = [
        Val::I32(-1),
        Val::I64(i64::MAX),
        Val::F32(-0.5),
        Val::F64(f64::from_bits(23 << 52)),
        Val::V128((u128::from(u64::MAX) << 64) | 0x1122_3344_5566_7788),
    ];
    assert_eq!(*seen.lock().unwrap(), values);
    assert_eq!(values.map(Val::ty), ALL);
    assert_eq!(block_on(plugin.call_async::<_, Vec<u8>>("run", ())).unwrap(), expected);
}

#[test]
fn results_are_zero_unless_they_are_set() {
    let nothing = HostFunction::raw("f", [ValType::I64], [ValType::I64], |_, _, results| {
        assert_eq!(results, [Val::I64(0)]);
        Ok(())
    });
    let mut plugin = pipe().host_function(nothing).build().unwrap();
    assert_eq!(plugin.call::<_, String>("run", "x").unwrap(), "");
}

#[test]
fn a_result_of_another_type_ends_the_call_with_signature() {
    fn wrong(_: &mut CurrentPlugin<'_>, _: &[Val], results: &mut [Val]) -> Result<(), BoxError> {
        results[0] = Val::F32(1.0);
        Ok(())
    }
    let i64 = [ValType::I64];
    for function in [
        HostFunction::raw("f", i64, i64, wrong),
        HostFunction::raw_async(
            "f",
            i64,
            i64,
            |plugin, params, results| -> BoxFuture<'_, Result<(), BoxError>> {
                Box::pin(async move { wrong(plugin, params, results) })
            },
        ),
    ] {
        let mut plugin = pipe().host_function(function).build().unwrap();
        let error = plugin.call::<_, ()>("run", "x").unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Signature);
        assert!(
            error.message().contains("`f` returned an f32") && error.message().contains("an i64"),
            "{error}"
        );
        assert_eq!(count(&mut plugin), 1);
    }
}

#[test]
fn offsets_are_unsigned() {
    assert_eq!(Val::I64(-1).offset(), Some(u64::MAX));
    assert_eq!(Val::I32(1).offset(), None);
}

/// A raw async function that uses the plug-in before, between and after two waits.
fn waits_twice(polls: Arc<AtomicU32>) -> HostFunction {
    HostFunction::raw_async("f", [ValType::I64], [ValType::I64], move |plugin, params, results| {
        let polls = polls.clone();
        Box::pin(async move {
            let block = plugin.memory(params[0].offset().unwrap_or(0))?;
            let mut bytes = plugin.read(block)?.to_vec();
            polls.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            plugin.set_var("v", bytes.clone())?;
            bytes.push(b'!');
            polls.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            assert_eq!(plugin.var("v"), bytes.split_last().map(|(_, rest)| rest));
            results[0] = Val::I64(plugin.alloc_bytes(&bytes)?.offset() as i64);
            Ok(())
        })
    })
}

#[test]
fn an_async_function_uses_the_plugin_across_waits() {
    let polls = Arc::new(AtomicU32::new(0));
    let build = || -> Plugin { pipe().host_function(waits_twice(polls.clone())).build().unwrap() };
    assert_eq!(build().call::<_, String>("run", "sync").unwrap(), "sync!");
    let mut plugin = build();
    assert_eq!(block_on(plugin.call_async::<_, String>("run", "async")).unwrap(), "async!");
    assert_eq!(plugin.call::<_, String>("run", "sync").unwrap(), "sync!");
    assert_eq!(polls.load(Ordering::Relaxed), 6);
}
