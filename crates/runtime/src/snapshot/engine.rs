//! The engine in which start-up runs: one for each snapshot, so that stopping it stops nobody else.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::Builder;
use std::time::Duration;

use wasmtime::{Config, Engine, OptLevel};

use super::refusal;
use crate::engine::EngineKey;
use crate::error::Result;

/// An engine with the same features of WebAssembly as the one that will run the instances.
pub(super) fn new(key: EngineKey) -> Result<Engine> {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config.wasm_gc(key.gc);
    config.wasm_exceptions(key.gc);
    // Its code runs once.
    config.cranelift_opt_level(OptLevel::None);
    Engine::new(&config)
        .map_err(|error| refusal(format!("the WebAssembly engine for a snapshot cannot start here: {error}")))
}

/// Does `work` with the engine, and interrupts its guest when that takes longer than `timeout`.
pub(super) fn within<T>(engine: &Engine, timeout: Duration, work: impl FnOnce() -> T) -> Result<T> {
    std::thread::scope(|scope| {
        let (done, wait) = mpsc::channel::<()>();
        let clock = move || {
            // The other end is dropped when the work is done, even by a panic.
            if wait.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        };
        Builder::new().name("plugwright-snapshot".into()).spawn_scoped(scope, clock).map_err(|error| {
            refusal(format!("the system refused a thread that limits the time of start-up: {error}"))
        })?;
        let result = work();
        drop(done);
        Ok(result)
    })
}
