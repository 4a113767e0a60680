//! What a host function can do with the plug-in that calls it.

use std::sync::Mutex;
use std::time::Duration;

use plugwright::{CurrentPlugin, Error, ErrorKind, HostFunction, MemoryHandle, Plugin, Result};

use crate::support::{DropCount, Dropped, block_on, count, guest, pipe, recall};

fn with(function: HostFunction) -> Plugin {
    pipe().name("caller").config("greeting", "hello").host_function(function).build().unwrap()
}

#[test]
fn reads_and_writes_blocks_in_place() {
    let mut plugin = with(HostFunction::new("f", |plugin: &mut CurrentPlugin<'_>, block: MemoryHandle| {
        assert_eq!(block.len(), 3);
        plugin.write(block)?.make_ascii_uppercase();
        Ok::<_, Error>(block)
    }));
    assert_eq!(plugin.call::<_, String>("run", "abc").unwrap(), "ABC");
}

#[test]
fn allocates_and_frees() {
    let mut plugin = with(HostFunction::new("f", |plugin: &mut CurrentPlugin<'_>, input: MemoryHandle| {
        let block = plugin.alloc(1 << 20)?;
        assert_eq!((block.len(), plugin.write(block)?.len()), (1 << 20, 1 << 20));
        plugin.free(block);
        assert_eq!(plugin.memory(block.offset()).unwrap_err().kind(), &ErrorKind::Contract, "it is gone");
        assert_eq!(plugin.read(block).unwrap_err().kind(), &ErrorKind::Contract);
        assert_eq!(plugin.write(block).unwrap_err().kind(), &ErrorKind::Contract);
        let null = plugin.alloc(0)?;
        assert_eq!((null.offset(), null.is_empty()), (0, true));
        assert_eq!(plugin.memory(0)?, null);
        assert_eq!(plugin.alloc_bytes(b"")?, null);
        assert_eq!((plugin.read(null)?.len(), plugin.write(null)?.len()), (0, 0));
        plugin.free(null);
        plugin.free(input);
        plugin.alloc_bytes(b"new")
    }));
    for _ in 0..3 {
        assert_eq!(plugin.call::<_, String>("run", "abc").unwrap(), "new");
    }
}

#[test]
fn more_memory_than_allowed_is_an_error_that_the_function_can_handle() {
    let handles = |plugin: &mut CurrentPlugin<'_>, block: MemoryHandle| {
        let error = plugin.alloc(1 << 40).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::OutOfMemory);
        let error = plugin.alloc_bytes(&vec![0; 1 << 20]).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::OutOfMemory);
        block
    };
    let mut plugin = pipe().memory_max_pages(4).host_fn("f", handles).build().unwrap();
    assert_eq!(plugin.call::<_, String>("run", "abc").unwrap(), "abc");
    assert_eq!(count(&mut plugin), 1);
    assert_eq!(plugin.call::<_, String>("run", "abc").unwrap(), "abc");
    assert_eq!(count(&mut plugin), 2);
}

#[test]
fn a_result_without_room_ends_the_call_as_out_of_memory() {
    let mut plugin =
        pipe().memory_max_pages(4).host_fn("f", |_: MemoryHandle| vec![7u8; 1 << 20]).build().unwrap();
    let error = plugin.call::<_, Vec<u8>>("run", "abc").unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::OutOfMemory, "{error}");
    assert_eq!(count(&mut plugin), 1);
}

#[test]
fn a_handle_from_an_earlier_instance_reads_nothing_foreign() {
    let stale = Mutex::new(None);
    let mut plugin =
        with(HostFunction::new("f", move |plugin: &mut CurrentPlugin<'_>, input: MemoryHandle| {
            let mut stale = stale.lock().unwrap();
            match *stale {
                None => *stale = Some(plugin.alloc(8 << 20)?),
                Some(block) => {
                    assert_eq!(plugin.read(block).unwrap_err().kind(), &ErrorKind::Contract);
                    assert_eq!(plugin.write(block).unwrap_err().kind(), &ErrorKind::Contract);
                }
            }
            Ok::<_, Error>(input)
        }));
    plugin.call::<_, ()>("run", "").unwrap();
    plugin.restart();
    plugin.call::<_, ()>("run", "").unwrap();
}

#[test]
fn sets_reads_and_removes_variables() {
    let mut plugin = with(HostFunction::new("f", |plugin: &mut CurrentPlugin<'_>, text: String| {
        match text.as_str() {
            "set" => plugin.set_var("v", "by the host")?,
            "remove" => plugin.remove_var("v"),
            _ => {}
        }
        Ok::<_, Error>(plugin.var("v").map(<[u8]>::to_vec))
    }));
    plugin.call::<_, ()>("remember", "by the guest").unwrap();
    assert_eq!(plugin.call::<_, String>("run", "get").unwrap(), "by the guest");
    assert_eq!(plugin.call::<_, String>("run", "set").unwrap(), "by the host");
    assert_eq!(recall(&mut plugin), "by the host");
    assert_eq!(plugin.call::<_, String>("run", "remove").unwrap(), "");
    assert_eq!(recall(&mut plugin), "");
}

#[test]
fn variables_are_limited_for_the_host_too() {
    let set = |plugin: &mut CurrentPlugin<'_>, value: String| match plugin.set_var("v", value) {
        Ok(()) => "fits",
        Err(error) => error.kind().name(),
    };
    let mut plugin = pipe().max_var_bytes(4).host_fn("f", set).build().unwrap();
    assert_eq!(plugin.call::<_, String>("run", "123").unwrap(), "fits");
    assert_eq!(plugin.call::<_, String>("run", "1234").unwrap(), "Limit");
    assert_eq!(recall(&mut plugin), "123");
}

#[test]
fn reads_config_as_it_is_now() {
    let mut plugin = with(HostFunction::new("f", |plugin: &mut CurrentPlugin<'_>, key: String| {
        plugin.config(&key).map(str::to_owned)
    }));
    assert_eq!(plugin.call::<_, String>("run", "greeting").unwrap(), "hello");
    assert_eq!(plugin.call::<_, String>("run", "other").unwrap(), "");
    plugin.update_config([("greeting", None), ("other", Some("new"))]);
    assert_eq!(plugin.call::<_, String>("run", "greeting").unwrap(), "");
    assert_eq!(plugin.call::<_, String>("run", "other").unwrap(), "new");
}

#[test]
fn knows_who_calls() {
    let mut plugin = with(HostFunction::new("f", |plugin: &mut CurrentPlugin<'_>, _: i64| {
        format!("{} {}", plugin.name(), plugin.id())
    }));
    let expected = format!("caller {}", plugin.id());
    assert_eq!(plugin.call::<_, String>("run", ()).unwrap(), expected);
    assert_eq!(plugin.id().get_version_num(), 4);
}

#[test]
fn the_host_context_lives_for_one_call() {
    struct Context {
        user: &'static str,
        calls: u32,
        drops: DropCount,
        _guard: Dropped,
    }
    let mut plugin = with(HostFunction::new("f", |plugin: &mut CurrentPlugin<'_>, _: i64| {
        assert!(plugin.host_context::<String>().is_none(), "it is of another type");
        let Some(context) = plugin.host_context_mut::<Context>() else { return "nobody".to_owned() };
        context.calls += 1;
        let context = plugin.host_context::<Context>().expect("it was there");
        assert_eq!(context.drops.get(), 0);
        format!("{} {}", context.user, context.calls)
    }));
    let drops = DropCount::default();
    let context = |user| Context { user, calls: 0, drops: DropCount::default(), _guard: drops.guard() };
    assert_eq!(plugin.call_with_context::<_, String, _>("run", (), context("ann")).unwrap(), "ann 1");
    assert_eq!(drops.get(), 1, "dropped at the end of the call");
    assert_eq!(plugin.call_with_context::<_, String, _>("run", (), context("bob")).unwrap(), "bob 1");
    assert_eq!(plugin.call::<_, String>("run", ()).unwrap(), "nobody");
    let future = plugin.call_async_with_context::<_, String, _>("run", (), context("eve"));
    assert_eq!(block_on(future).unwrap(), "eve 1");
    assert_eq!(drops.get(), 3);
    plugin.call_with_context::<_, (), _>("no_such_function", (), context("dan")).unwrap_err();
    assert_eq!(drops.get(), 4);
}

#[test]
fn learns_the_time_left() {
    let left = |plugin: &mut CurrentPlugin<'_>, _: i64| match plugin.time_left() {
        None => "for ever".to_owned(),
        Some(left) => format!("{}", left <= Duration::from_secs(3600) && left > Duration::from_secs(60)),
    };
    let mut unlimited = pipe().host_fn("f", left).build().unwrap();
    assert_eq!(unlimited.call::<_, String>("run", ()).unwrap(), "for ever");
    let mut limited = pipe().host_fn("f", left).timeout(Duration::from_secs(3600)).build().unwrap();
    assert_eq!(limited.call::<_, String>("run", ()).unwrap(), "true");
    let mut endless = pipe().host_fn("f", left).timeout(Duration::MAX).build().unwrap();
    assert_eq!(endless.call::<_, String>("run", ()).unwrap(), "for ever", "a time that no clock reaches");
}

#[test]
fn sees_the_deadline_pass_and_the_cancellation() {
    let polls = |plugin: &mut CurrentPlugin<'_>, _: i64| {
        while !plugin.is_cancelled() && plugin.time_left() != Some(Duration::ZERO) {
            std::thread::yield_now();
        }
    };
    let build = || {
        guest(
            r#"(import "extism:host/user" "f" (func $f (param i64)))"#,
            r#"(func (export "run") (call $f (i64.const 0)) (loop $for_ever (br $for_ever)))"#,
        )
        .host_fn("f", polls)
    };
    let mut plugin = build().timeout(Duration::from_millis(20)).build().unwrap();
    assert_eq!(plugin.call::<_, ()>("run", ()).unwrap_err().kind(), &ErrorKind::Timeout);

    let mut plugin = build().build().unwrap();
    let cancel = plugin.cancel_handle();
    let canceller = std::thread::spawn(move || while !cancel.cancel() {});
    assert_eq!(plugin.call::<_, ()>("run", ()).unwrap_err().kind(), &ErrorKind::Cancelled);
    canceller.join().unwrap();
}

#[test]
fn may_call_another_plugin_of_the_same_code() {
    let inner = pipe().host_fn("f", |text: String| format!("({text})")).compile().unwrap();
    let nested = inner.clone();
    let mut outer = with(HostFunction::new("f", move |text: String| {
        nested.instantiate()?.call::<_, String>("run", format!("[{text}]"))
    }));
    assert_eq!(outer.call::<_, String>("run", "x").unwrap(), "([x])");
    assert_eq!(block_on(outer.call_async::<_, String>("run", "y")).unwrap(), "([y])");

    // The inner plug-in's failure is the function's error; the outer one goes on.
    let failing = pipe().host_fn("f", |_: String| Err::<String, _>("no")).compile().unwrap();
    let mut outer = with(HostFunction::new("f", move |text: String| {
        failing.instantiate()?.call::<_, String>("run", text)
    }));
    let error = outer.call::<_, String>("run", "x").unwrap_err();
    let source = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<Error>());
    assert_eq!(source.map(Error::kind), Some(&ErrorKind::HostFunction { name: "f".to_owned() }));
    assert_eq!(count(&mut outer), 1);
}

#[test]
fn shows_the_whole_kernel_memory() {
    let mut plugin = with(HostFunction::new(
        "f",
        |plugin: &mut CurrentPlugin<'_>, input: MemoryHandle| -> Result<MemoryHandle> {
            let made = plugin.alloc_bytes(b"made")?;
            let memory = plugin.kernel_memory()?;
            let start = usize::try_from(made.offset()).expect("an offset");
            assert_eq!(&memory[start..start + 4], b"made");
            let start = usize::try_from(input.offset()).expect("an offset");
            memory[start..start + 3].copy_from_slice(b"new");
            Ok(input)
        },
    ));
    assert_eq!(plugin.call::<_, String>("run", "old one").unwrap(), "new one");
}
