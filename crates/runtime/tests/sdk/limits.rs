//! Fuel, output, variables and logs.

use std::sync::{Arc, Mutex};

use plugwright::{DEFAULT_MAX_LOG_BYTES, ErrorKind, LogLevel, Plugin, PluginBuilder, TrapKind};

use crate::support::{block_on, count, guest, plain, recall};

/// A guest that loops as often as its input, a number, says.
const COUNT_DOWN: &str = r#"
  (import "extism:host/env" "input_load_u64" (func $input_u64 (param i64) (result i64)))"#;
const COUNT_DOWN_BODY: &str = r#"
  (func (export "count_down") (local $left i64)
    (local.set $left (call $input_u64 (i64.const 0)))
    (loop $again
      (local.set $left (i64.sub (local.get $left) (i64.const 1)))
      (br_if $again (i64.gt_s (local.get $left) (i64.const 0)))))
  (func (export "loop") (loop $for_ever (br $for_ever)))"#;

fn fuelled(units: u64) -> Plugin {
    guest(COUNT_DOWN, COUNT_DOWN_BODY).fuel(units).build().unwrap()
}

#[test]
fn a_call_ends_when_its_fuel_does() {
    let mut plugin = fuelled(10_000);
    plugin.call::<_, ()>("remember", "kept").unwrap();
    for round in 0..3 {
        let error = if round == 1 {
            block_on(plugin.call_async::<_, ()>("loop", ())).unwrap_err()
        } else {
            plugin.call::<_, ()>("loop", ()).unwrap_err()
        };
        assert_eq!(error.kind(), &ErrorKind::OutOfFuel, "{error}");
        assert_eq!(plugin.fuel_consumed(), Some(10_000));
    }
    assert_eq!(recall(&mut plugin), "kept");
    assert_eq!(count(&mut plugin), 1);
}

#[test]
fn consumed_fuel_is_counted_for_each_call() {
    let mut plugin = fuelled(1_000_000);
    assert_eq!(plugin.fuel_consumed(), None);
    let mut consumed = |rounds: u64| {
        plugin.call::<_, ()>("count_down", rounds).unwrap();
        plugin.fuel_consumed().unwrap()
    };
    let first = consumed(100);
    assert!((100..10_000).contains(&first), "{first}");
    assert_eq!(consumed(100), first, "it does not add up");
    // Twice the rounds cost twice the fuel, but for what comes before the loop.
    let (hundred, two, three) = (consumed(100), consumed(200), consumed(300));
    assert_eq!(three - two, two - hundred);
}

#[test]
fn many_calls_together_may_use_more_fuel_than_one() {
    let mut plugin = fuelled(2_000);
    for _ in 0..50 {
        plugin.call::<_, ()>("count_down", 100u64).unwrap();
    }
    plugin.call::<_, ()>("count_down", 10_000u64).unwrap_err();
}

#[test]
fn start_functions_use_the_calls_fuel() {
    let wat = r#"(module (func $start (loop $l (br $l))) (start $start) (func (export "run")))"#;
    let mut plugin = plain(wat).fuel(1000).build().unwrap();
    assert_eq!(plugin.call::<_, ()>("run", ()).unwrap_err().kind(), &ErrorKind::OutOfFuel);
    assert_eq!(plugin.fuel_consumed(), Some(1000));
}

#[test]
fn without_a_limit_no_fuel_is_counted() {
    let mut plugin = guest("", "").build().unwrap();
    count(&mut plugin);
    assert_eq!(plugin.fuel_consumed(), None);
}

#[test]
fn a_failed_call_consumed_what_it_did() {
    let mut plugin = guest(COUNT_DOWN, r#"(func (export "trap") unreachable)"#).fuel(1000).build().unwrap();
    plugin.call::<_, ()>("trap", ()).unwrap_err();
    assert!(plugin.fuel_consumed().is_some_and(|fuel| fuel < 100));
}

#[test]
fn the_output_may_be_as_long_as_allowed() {
    let echo = || guest("", r#"(func (export "echo") (call $out (call $in)))"#);
    let mut plugin = echo().max_output_bytes(5).build().unwrap();
    assert_eq!(plugin.call::<_, String>("echo", "12345").unwrap(), "12345");
    let error = plugin.call::<_, String>("echo", "123456").unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Limit);
    assert!(error.message().contains("6 bytes") && error.message().contains("at most 5"), "{error}");
    assert_eq!(plugin.output(), b"");
    assert_eq!(plugin.call::<_, String>("echo", "1").unwrap(), "1");
    let mut plugin = echo().max_output_bytes(0).build().unwrap();
    plugin.call::<_, ()>("echo", "").unwrap();
    plugin.call::<_, Vec<u8>>("echo", "1").unwrap_err();
    let mut plugin = echo().build().unwrap();
    assert_eq!(plugin.call::<_, Vec<u8>>("echo", vec![7; 3 << 20]).unwrap().len(), 3 << 20);
}

#[test]
fn variables_may_be_as_large_as_allowed() {
    // The key takes a byte.
    let mut plugin = guest("", "").max_var_bytes(5).build().unwrap();
    plugin.call::<_, ()>("remember", "1234").unwrap();
    let error = plugin.call::<_, ()>("remember", "12345").unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Limit);
    assert!(error.message().contains("max_var_bytes"), "{error}");
    assert_eq!(recall(&mut plugin), "1234", "a refused variable changes nothing");
    plugin.call::<_, ()>("remember", "").unwrap();
    assert_eq!(recall(&mut plugin), "");
    plugin.call::<_, ()>("remember", "4321").unwrap();

    let mut off = guest("", "").max_var_bytes(0).build().unwrap();
    let error = off.call::<_, ()>("remember", "x").unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Limit);
    assert!(error.message().contains("turned off"), "{error}");
    assert_eq!(recall(&mut off), "");
}

#[test]
fn variables_have_a_mebibyte_by_default() {
    let mut plugin = guest("", "").build().unwrap();
    plugin.call::<_, ()>("remember", vec![b'x'; (1 << 20) - 1]).unwrap();
    assert_eq!(plugin.call::<_, ()>("remember", vec![b'x'; 1 << 20]).unwrap_err().kind(), &ErrorKind::Limit);
}

type Lines = Arc<Mutex<Vec<(LogLevel, String)>>>;

/// A guest that logs its input as often as asked, and the lines that arrive.
fn logging(times: u32) -> (PluginBuilder, Lines) {
    let lines = Lines::default();
    let builder = guest(
        r#"(import "extism:host/env" "input_length" (func $input_length (result i64)))
           (import "extism:host/env" "input_load_u8" (func $input_u8 (param i64) (result i32)))"#,
        &format!(
            r#"(func $copy (result i64) (local $block i64) (local $at i64)
                 (local.set $block (call $alloc (call $input_length)))
                 (loop $next
                   (if (i64.lt_u (local.get $at) (call $input_length)) (then
                     (call $store_u8 (i64.add (local.get $block) (local.get $at)) (call $input_u8 (local.get $at)))
                     (local.set $at (i64.add (local.get $at) (i64.const 1)))
                     (br $next))))
                 (local.get $block))
               (func (export "log") (local $left i32)
                 (local.set $left (i32.const {times}))
                 (loop $again
                   (call $log_info (call $copy))
                   (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                   (br_if $again (local.get $left))))"#
        ),
    )
    .name("talker")
    .on_log({
        let lines = lines.clone();
        move |record| {
            assert_eq!(record.plugin, "talker");
            lines.lock().unwrap().push((record.level, record.message.to_owned()));
        }
    });
    (builder, lines)
}

fn texts(lines: &Lines) -> Vec<String> {
    std::mem::take(&mut *lines.lock().unwrap()).into_iter().map(|(_, text)| text).collect()
}

#[test]
fn logs_end_at_their_limit_with_one_line_that_says_so() {
    let (builder, lines) = logging(10);
    let mut plugin = builder.max_log_bytes(50).build().unwrap();
    let message = "twenty bytes of text";
    for _ in 0..2 {
        plugin.call::<_, ()>("log", message).unwrap();
        assert_eq!(lines.lock().unwrap().last().map(|(level, _)| *level), Some(LogLevel::Info));
        let texts = texts(&lines);
        assert_eq!(texts[..3], [message, message, &message[..10]]);
        assert_eq!(texts.len(), 4, "{texts:?}");
        assert!(texts[3].contains("150 bytes") && texts[3].contains("8 log messages"), "{}", texts[3]);
    }
}

#[test]
fn who_listens_to_what_was_dropped_is_told_and_nobody_else() {
    let body = |first: &str, last: &str| {
        format!(
            r#"(import "extism:host/env" "log_{first}" (func $first (param i64)))
               (import "extism:host/env" "log_{last}" (func $last (param i64)))"#
        )
    };
    let log = r#"(func (export "log") (call $first (call $text (i32.const 0) (i32.const 20)))
                                      (call $last (call $text (i32.const 0) (i32.const 20))))"#;
    for (imports, least, expected) in [
        (body("error", "debug"), LogLevel::Error, Some(LogLevel::Error)),
        (body("error", "debug"), LogLevel::Trace, Some(LogLevel::Error)),
        (body("debug", "info"), LogLevel::Debug, Some(LogLevel::Info)),
        (body("debug", "info"), LogLevel::Warn, None),
    ] {
        let lines = Lines::default();
        let sink = lines.clone();
        let mut plugin = guest(&imports, log)
            .max_log_bytes(0)
            .log_level(least)
            .on_log(move |record| sink.lock().unwrap().push((record.level, record.message.to_owned())))
            .build()
            .unwrap();
        plugin.call::<_, ()>("log", ()).unwrap();
        let levels: Vec<LogLevel> = lines.lock().unwrap().iter().map(|(level, _)| *level).collect();
        assert_eq!(levels, Vec::from_iter(expected), "{imports}, {least}");
    }
}

#[test]
fn many_short_messages_are_bounded_too() {
    let (builder, lines) = logging(100_000);
    let mut plugin = builder.build().unwrap();
    plugin.call::<_, ()>("log", ".").unwrap();
    let lines = texts(&lines);
    assert!(lines.len() as u64 <= DEFAULT_MAX_LOG_BYTES / 16 + 1, "{}", lines.len());
    assert!(lines.last().is_some_and(|line| line.contains("dropped")));
}

#[test]
fn a_limit_of_zero_passes_nothing_on() {
    let (builder, lines) = logging(3);
    builder.max_log_bytes(0).build().unwrap().call::<_, ()>("log", "secret").unwrap();
    let lines = texts(&lines);
    assert_eq!(lines.len(), 1);
    assert!(!lines[0].contains("secret"), "{}", lines[0]);
}

#[test]
fn less_severe_messages_than_asked_for_are_dropped() {
    let (builder, lines) = logging(1);
    builder.log_level(LogLevel::Warn).build().unwrap().call::<_, ()>("log", "an info").unwrap();
    assert_eq!(texts(&lines), [] as [&str; 0]);
    let (builder, lines) = logging(1);
    builder.log_level(LogLevel::Info).build().unwrap().call::<_, ()>("log", "an info").unwrap();
    assert_eq!(*lines.lock().unwrap(), [(LogLevel::Info, "an info".to_owned())]);
}

#[test]
fn logs_may_be_turned_off() {
    let (builder, lines) = logging(3);
    builder.log_off().build().unwrap().call::<_, ()>("log", "nobody listens").unwrap();
    assert_eq!(texts(&lines), [] as [&str; 0]);
}

#[test]
fn guest_code_is_entered_where_the_stack_has_room_for_it() {
    let mut plugin = guest("", r#"(func $deeper (export "deeper") (call $deeper))"#).build().unwrap();
    plugin.call::<_, ()>("remember", "kept").unwrap();
    // The system may reuse a stack up to four times as large.
    let mut on = |stack: usize, test: fn(&mut Plugin) -> plugwright::Error| {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(stack);
            thread.spawn_scoped(scope, || test(&mut plugin)).unwrap().join().unwrap()
        })
    };
    let error = on(128 << 10, |plugin| plugin.call::<_, ()>("deeper", ()).unwrap_err());
    assert_eq!(error.kind(), &ErrorKind::Limit, "{error}");
    assert!(error.to_string().contains("stack"), "{error}");
    assert_eq!(error.function(), Some("deeper"));
    // With room enough the guest meets its own limit. An awaited call has a stack of its own.
    for error in [
        on(768 << 10, |plugin| plugin.call::<_, ()>("deeper", ()).unwrap_err()),
        on(128 << 10, |plugin| block_on(plugin.call_async::<_, ()>("deeper", ())).unwrap_err()),
    ] {
        assert_eq!(error.kind(), &ErrorKind::Trap(TrapKind::StackOverflow), "{error}");
    }
    assert_eq!(recall(&mut plugin), "kept");
}
