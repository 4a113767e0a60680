//! The limit on memory: over all memories of a plug-in, from the moment that it is loaded.

use plugwright::{ErrorKind, Manifest, Plugin, PluginBuilder, Result, Wasm};

use crate::support::{block_on, count, guest, plain};

fn memories(pages: &[u32]) -> PluginBuilder {
    let memories: String = pages.iter().map(|pages| format!("(memory {pages})")).collect();
    plain(&format!(r#"(module {memories} (func (export "run")))"#))
}

#[test]
fn a_module_that_needs_more_than_allowed_is_refused_when_it_is_loaded() {
    for pages in [&[5][..], &[2, 3], &[1, 1, 1, 1, 1]] {
        memories(pages).memory_max_pages(5).build().unwrap().call::<_, ()>("run", ()).unwrap();
        let error = memories(pages).memory_max_pages(4).compile().unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::OutOfMemory);
        assert!(error.message().contains("5 pages") && error.message().contains("allows 4"), "{error}");
    }
    memories(&[]).memory_max_pages(0).build().unwrap().call::<_, ()>("run", ()).unwrap();
}

#[test]
fn the_memories_of_all_modules_count() {
    let main = r#"(module (import "library" "f" (func)) (memory 2) (func (export "run")))"#;
    let library = r#"(module (memory 3) (func (export "f")))"#;
    let build = |pages| plain(main).link("library", library.as_bytes()).memory_max_pages(pages).compile();
    assert_eq!(build(4).unwrap_err().kind(), &ErrorKind::OutOfMemory);
    build(5).unwrap().instantiate().unwrap().call::<_, ()>("run", ()).unwrap();
}

#[test]
fn an_imported_memory_counts_once() {
    let main = r#"(module (import "library" "memory" (memory 3)) (func (export "run")))"#;
    let library = r#"(module (memory (export "memory") 3))"#;
    let compiled = plain(main).link("library", library.as_bytes()).memory_max_pages(3).compile().unwrap();
    compiled.instantiate().unwrap().call::<_, ()>("run", ()).unwrap();
}

#[test]
fn the_limit_of_a_manifest_and_of_compiled_code_hold_too() {
    let wat = r#"(module (memory 5) (func (export "run")))"#;
    let manifest = |pages| Manifest::new([Wasm::data(wat)]).with_memory_max(pages);
    let cache = plugwright::CompilationCache::Off;
    let build = |pages| Plugin::builder(manifest(pages)).cache(cache.clone()).build();
    assert_eq!(build(4).unwrap_err().kind(), &ErrorKind::OutOfMemory);
    build(5).unwrap();
    Plugin::builder(manifest(4)).cache(cache.clone()).memory_max_pages(5).build().unwrap();

    let code = plain(wat).precompile().unwrap();
    let build = |pages| {
        let source = plugwright::PluginSource::trusted_compiled_code(code.clone());
        Plugin::builder(source).memory_max_pages(pages).build()
    };
    assert_eq!(build(4).unwrap_err().kind(), &ErrorKind::OutOfMemory);
    build(5).unwrap().call::<_, ()>("run", ()).unwrap();
}

/// A guest that grows a memory by pages as long as it can, at most to its maximum, and puts out its size.
fn growing(maximum: &str) -> PluginBuilder {
    guest(
        "",
        &format!(
            r#"(memory $other 0 {maximum})
               (func $grow
                 (loop $again (br_if $again (i32.ne (memory.grow $other (i32.const 1)) (i32.const -1)))))
               (func (export "grow") (call $grow) (call $out_number (i64.extend_i32_u (memory.size $other))))
               (func (export "grow_and_trap") (call $grow) unreachable)
               (func (export "touch_beyond") (drop (i32.load $other (i32.const 0))))"#
        ),
    )
}

#[test]
fn growing_to_the_declared_maximum_is_no_offence() {
    let mut plugin = growing("7").build().unwrap();
    assert_eq!(plugin.call::<_, u64>("grow", ()).unwrap(), 7);
    let error = plugin.call::<_, ()>("grow_and_trap", ()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Trap(_)), "the module's own maximum: {error}");
    // Its other memory has a page, and its kernel memory one more.
    let mut plugin = growing("7").memory_max_pages(9).build().unwrap();
    assert_eq!(plugin.call::<_, u64>("grow", ()).unwrap(), 7);
}

#[test]
fn growing_beyond_the_limit_is_refused_and_the_guest_may_go_on() {
    let mut plugin = growing("").memory_max_pages(20).build().unwrap();
    // The block of the output needs a page too, which is not left.
    let error = plugin.call::<_, u64>("grow", ()).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Decode, "{error}");
    assert_eq!(count_pages(&mut plugin, "grow").unwrap(), 18, "now it had its page before");
    let error = plugin.call::<_, ()>("grow_and_trap", ()).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::OutOfMemory);
    assert!(error.message().contains("20 pages") && error.message().contains("max_pages"), "{error}");
    assert_eq!(count(&mut plugin), 1);
    let error = plugin.call::<_, ()>("touch_beyond", ()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Trap(_)), "nothing was refused in this call: {error}");
}

/// Calls a function on a fresh instance after one that used kernel memory.
fn count_pages(plugin: &mut Plugin, function: &str) -> Result<u64> {
    plugin.restart();
    count(plugin);
    plugin.call(function, ())
}

#[test]
fn kernel_memory_counts_whoever_asks_for_it() {
    let echo = r#"(func (export "echo") (call $out (call $in)))
                  (func (export "alloc") (result i32) (i64.ne (call $alloc (i64.const 0x100000)) (i64.const 0)))"#;
    let mut plugin = guest("", echo).memory_max_pages(8).build().unwrap();
    assert_eq!(plugin.call::<_, Vec<u8>>("echo", vec![1; 100_000]).unwrap().len(), 100_000);
    let error = plugin.call::<_, ()>("echo", vec![1; 1 << 20]).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::OutOfMemory, "the input: {error}");
    let error = block_on(plugin.call_async::<_, ()>("echo", vec![1; 1 << 20])).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::OutOfMemory, "the input: {error}");
    plugin.call::<_, ()>("alloc", ()).expect("`alloc` returns 0, which the guest can handle");
    assert_eq!(plugin.call::<_, Vec<u8>>("echo", vec![1; 100_000]).unwrap().len(), 100_000);
}

#[test]
fn a_failed_instance_gives_its_memory_back() {
    let mut plugin = growing("10").memory_max_pages(14).build().unwrap();
    for _ in 0..5 {
        assert_eq!(count_pages(&mut plugin, "grow").unwrap(), 10);
        assert!(matches!(plugin.call::<_, ()>("grow_and_trap", ()).unwrap_err().kind(), ErrorKind::Trap(_)));
    }
}

#[test]
fn tables_are_bounded_by_their_elements() {
    let bomb = |tables: usize| {
        let grow: String = (0..tables)
            .map(|table| {
                format!("(loop $l{table} (br_if $l{table} (i32.ne (table.grow $t{table} (ref.null func) (i32.const 65536)) (i32.const -1))))")
            })
            .collect();
        let declare: String = (0..tables).map(|table| format!("(table $t{table} 0 funcref)")).collect();
        let sizes: String =
            (0..tables).map(|table| format!("(i64.add (i64.extend_i32_u (table.size $t{table})))")).collect();
        guest(
            "",
            &format!(
                r#"{declare} (func (export "grow") {grow} (i64.const 0) {sizes} (call $out_number))
                               (func (export "grow_and_trap") {grow} unreachable)"#
            ),
        )
        .memory_max_pages(4)
    };
    for tables in [1, 4] {
        let mut plugin = bomb(tables).build().unwrap();
        let elements: u64 = plugin.call("grow", ()).unwrap();
        assert!(elements <= plugwright::MAX_TABLE_ELEMENTS as u64, "{tables} tables: {elements}");
        let error = plugin.call::<_, ()>("grow_and_trap", ()).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::OutOfMemory, "{error}");
    }
    let large =
        format!(r#"(module (table {} funcref) (func (export "run")))"#, plugwright::MAX_TABLE_ELEMENTS + 1);
    let result = plain(&large).build().and_then(|mut plugin| plugin.call::<_, ()>("run", ()));
    assert_eq!(result.unwrap_err().kind(), &ErrorKind::OutOfMemory);
}

#[test]
fn garbage_collected_objects_count() {
    let mut plugin = plain(
        r#"(module
             (type $bytes (array (mut i8)))
             (type $list (struct (field (ref null $list)) (field (ref null $bytes))))
             (global $all (mut (ref null $list)) (ref.null $list))
             (func (export "hoard")
               (loop $again
                 (global.set $all (struct.new $list (global.get $all) (array.new_default $bytes (i32.const 100000))))
                 (br $again)))
             (func (export "waste") (local $left i32)
               (local.set $left (i32.const 200))
               (loop $again
                 (drop (array.new_default $bytes (i32.const 100000)))
                 (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                 (br_if $again (local.get $left)))))"#,
    )
    .garbage_collection(true)
    .memory_max_pages(64)
    .build()
    .unwrap();
    assert_eq!(plugin.call::<_, ()>("hoard", ()).unwrap_err().kind(), &ErrorKind::OutOfMemory);
    plugin.call::<_, ()>("waste", ()).unwrap();
}

#[test]
fn a_memory_of_64_bits_cannot_overflow_the_count() {
    let body = r#"(memory $big i64 0)
        (func (export "grow") (result i32) (i64.ne (memory.grow $big (i64.const 0xffffffffffff)) (i64.const -1)))"#;
    guest("", body).build().unwrap().call::<_, ()>("grow", ()).unwrap();
    let huge = r#"(module (memory i64 0xffffffffffff) (memory i64 0xffffffffffff) (func (export "run")))"#;
    assert_eq!(plain(huge).build().unwrap_err().kind(), &ErrorKind::OutOfMemory);
}

/// A guest of 2 pages that grows its first memory by pages as long as it can, and says how many it has then.
const GROWS_ITS_OWN: &str = r#"(module
    (memory (export "memory") 2)
    (func (export "fresh") (result i32) (memory.size))
    (func (export "grow") (result i32)
      (loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      (memory.size)))"#;

/// What a function of [`GROWS_ITS_OWN`] says: its code.
fn pages(plugin: &mut Plugin, function: &str) -> i32 {
    let error = plugin.call::<_, ()>(function, ()).unwrap_err();
    match error.kind() {
        ErrorKind::Guest { code, .. } => *code,
        _ => panic!("{error}"),
    }
}

#[test]
fn pages_in_reserve_are_neither_seen_nor_given_beyond_the_limit() {
    // Without room for a reserve, with just enough, and with plenty.
    for limit in [2, 3, 7, 257, 258, 300, 1000] {
        for rewrite in [true, false] {
            let compiled = plain(GROWS_ITS_OWN).memory_max_pages(limit).rewrite(rewrite).compile().unwrap();
            // The second instance gets the first one's place.
            for _ in 0..2 {
                let mut plugin = compiled.instantiate().unwrap();
                assert_eq!(pages(&mut plugin, "fresh"), 2);
                assert_eq!(pages(&mut plugin, "grow"), limit as i32, "limit {limit}, rewritten: {rewrite}");
            }
        }
    }
}

#[test]
fn code_that_was_compiled_with_a_reserve_runs_under_a_limit_without_room_for_it() {
    let code = plain(GROWS_ITS_OWN).precompile().unwrap();
    for limit in [2, 5, 100] {
        let source = plugwright::PluginSource::trusted_compiled_code(code.clone());
        let mut plugin = Plugin::builder(source).memory_max_pages(limit).build().unwrap();
        assert_eq!(pages(&mut plugin, "fresh"), 2);
        let most = pages(&mut plugin, "grow");
        assert!((limit as i32..=limit as i32 + 4).contains(&most), "limit {limit}: {most}");
    }
}

#[test]
fn kernel_memory_counts_when_it_is_used() {
    // The guest has 1 page, and kernel memory as many as a call needs.
    for (limit, bytes, fits) in [
        (2, 60_000, true),
        (2, 70_000, false),
        (3, 70_000, true),
        (4, 190_000, true),
        (4, 200_000, false),
        (6, 300_000, true),
        (6, 400_000, false),
    ] {
        let alloc = format!(
            r#"(func (export "fits") (result i32) (i64.ne (call $alloc (i64.const {bytes})) (i64.const 0)))"#
        );
        let mut plugin = guest("", &alloc).memory_max_pages(limit).build().unwrap();
        assert_eq!(plugin.call::<_, ()>("fits", ()).is_err(), fits, "{bytes} bytes in {limit} pages");
    }
}
