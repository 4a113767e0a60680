//! What the tests share: guests in WebAssembly text, and ways to wait.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use plugwright::{CompilationCache, Plugin, PluginBuilder};

/// The contract's imports, with short names.
const IMPORTS: &str = r#"
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "free" (func $free (param i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "input_offset" (func $in (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error_set (param i64)))
  (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
  (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
  (import "extism:host/env" "log_info" (func $log_info (param i64)))
  (import "plugwright:host/env" "host_error_take" (func $host_error_take (result i64)))
"#;

/// `$out` makes a block the output, `$out_number` a number; `$text` copies text from linear memory to a block.
/// `remember` and `recall` set and get the variable `v`; `count` returns how often this instance was asked.
const FUNCTIONS: &str = r#"
  (func $out (param $block i64) (call $output_set (local.get $block) (call $length (local.get $block))))
  (func $out_number (param $value i64) (local $block i64)
    (local.set $block (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $block) (local.get $value))
    (call $out (local.get $block)))
  (func $text (param $from i32) (param $len i32) (result i64) (local $block i64) (local $at i32)
    (local.set $block (call $alloc (i64.extend_i32_u (local.get $len))))
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $len)) (then
        (call $store_u8
          (i64.add (local.get $block) (i64.extend_i32_u (local.get $at)))
          (i32.load8_u (i32.add (local.get $from) (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next))))
    (local.get $block))
  (func $v (result i64) (local $key i64)
    (local.set $key (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $key) (i32.const 0x76))
    (local.get $key))
  (func (export "remember") (call $var_set (call $v) (call $in)))
  (func (export "recall") (call $out (call $var_get (call $v))))
  (global $count (mut i64) (i64.const 0))
  (func (export "count")
    (global.set $count (i64.add (global.get $count) (i64.const 1)))
    (call $out_number (global.get $count)))
"#;

/// A guest with the contract's imports and helpers, further imports, and a body.
pub(crate) fn wat(imports: &str, body: &str) -> String {
    format!("(module {IMPORTS} {imports} (memory (export \"memory\") 1) {FUNCTIONS} {body})")
}

/// A plug-in from [`wat`], not kept in the user's compilation cache.
pub(crate) fn guest(imports: &str, body: &str) -> PluginBuilder {
    plain(&wat(imports, body))
}

/// A plug-in from a whole module, not kept in the user's compilation cache. It is not rewritten when
/// `PLUGWRIGHT_TEST_REWRITE` is `off`: `cargo xtask test` runs these tests both ways.
pub(crate) fn plain(wat: &str) -> PluginBuilder {
    let rewrite = std::env::var_os("PLUGWRIGHT_TEST_REWRITE").is_none_or(|value| value != "off");
    Plugin::builder(wat.as_bytes()).cache(CompilationCache::Off).rewrite(rewrite)
}

/// A guest whose function `run` passes its input to the host function `f` and puts out the block that this returns.
pub(crate) fn pipe() -> PluginBuilder {
    guest(
        r#"(import "extism:host/user" "f" (func $f (param i64) (result i64)))"#,
        r#"(func (export "run") (call $out (call $f (call $in))))"#,
    )
}

/// Calls `recall`: what the last `remember` was given.
pub(crate) fn recall(plugin: &mut Plugin) -> String {
    plugin.call("recall", ()).unwrap()
}

/// How often this instance of a plug-in was asked: 1 for a fresh one.
pub(crate) fn count(plugin: &mut Plugin) -> u64 {
    plugin.call("count", ()).unwrap()
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The plainest executor there is: without a runtime, timers, or I/O.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// Polls a future once.
///
/// A guest may be asked to yield at any time, so "pending" does not tell how far it got: see [`poll_until`].
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls a future that is not to end until something has happened.
pub(crate) fn poll_until<F: Future + Unpin>(future: &mut F, happened: impl Fn() -> bool) {
    while !happened() {
        assert!(poll_once(future).is_pending());
    }
}

/// Counts the guards that its clones gave out, and those that were dropped.
#[derive(Clone, Default)]
pub(crate) struct DropCount(Arc<[AtomicUsize; 2]>);

/// Is counted when it is dropped.
pub(crate) struct Dropped(DropCount);

impl DropCount {
    pub(crate) fn guard(&self) -> Dropped {
        self.0[0].fetch_add(1, Ordering::SeqCst);
        Dropped(self.clone())
    }

    /// How many guards were dropped.
    pub(crate) fn get(&self) -> usize {
        self.0[1].load(Ordering::SeqCst)
    }

    /// How many guards are still there.
    pub(crate) fn alive(&self) -> usize {
        self.0[0].load(Ordering::SeqCst) - self.get()
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.0[1].fetch_add(1, Ordering::SeqCst);
    }
}
