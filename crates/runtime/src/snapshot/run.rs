//! Running the start-up of a throw-away instance.

use std::collections::BTreeSet;
use std::time::Duration;

use wasmtime::{Engine, Instance, Module, Store, Trap, TypedFunc, WasmBacktrace};
use wasmtime_wasi::I32Exit;
use wasmtime_wasi::p1::WasiP1Ctx;

use super::{Conditions, MAX_MEMORY_BYTES, Snapshot, SystemInput, engine, imports, refusal, unsupported};
use crate::budget::MemoryBudget;
use crate::error::{Backtrace, Error, ErrorKind, Result};
use crate::outcome::{describe, one_line, trap_kind};
use crate::wasi::Capture;

/// How much of what a guest wrote an error shows, in bytes.
const SHOWN: usize = 200;

/// What the store of the throw-away instance holds.
pub(super) struct Host {
    pub(super) wasi: Option<WasiP1Ctx>,
    /// What start-up read of the system.
    pub(super) reads: BTreeSet<SystemInput>,
    pub(super) looked_for_folders: bool,
    pub(super) wrote: bool,
    written: Capture,
    budget: MemoryBudget,
}

/// An instance after its start-up.
pub(super) struct Started {
    pub(super) store: Store<Host>,
    pub(super) instance: Instance,
}

/// Makes an instance and runs its start-up.
///
/// # Errors
///
/// Whatever ends start-up, in the terms of a call: `Timeout`, `Trap`, `OutOfMemory`, `Exit`; `Snapshot` when it calls
/// what a snapshot does not offer.
pub(super) fn start(
    engine: &Engine,
    wasm: &[u8],
    conditions: &Conditions<'_>,
    timeout: Duration,
) -> Result<Started> {
    let module = Module::new(engine, wasm).map_err(|error| unsupported(&error))?;
    let limit = conditions.max_memory_bytes.min(MAX_MEMORY_BYTES);
    let written = Capture::default();
    let host = Host {
        wasi: conditions.wasi.map(|wasi| imports::system(wasi, &written)),
        reads: BTreeSet::new(),
        looked_for_folders: false,
        wrote: false,
        written,
        budget: MemoryBudget::new(limit),
    };
    let mut store = Store::new(engine, host);
    store.limiter(|host| &mut host.budget);
    store.set_epoch_deadline(1);
    let imports = imports::of(&module, &mut store).map_err(|error| unsupported(&error))?;
    let run = || -> std::result::Result<Instance, (Option<&'static str>, wasmtime::Error)> {
        let instance = Instance::new(&mut store, &module, &imports).map_err(|error| (None, error))?;
        for (name, function) in functions(&instance, &mut store) {
            function.run(&mut store).map_err(|error| (Some(name), error))?;
        }
        Ok(instance)
    };
    match engine::within(engine, timeout, run)? {
        Ok(instance) => Ok(Started { store, instance }),
        Err((function, error)) => {
            let error = failure(error, store.data(), timeout, limit < conditions.max_memory_bytes);
            Err(match function {
                Some(function) => error.with_function(function),
                None => error,
            })
        }
    }
}

/// A function that prepares an instance for its first call.
enum StartUp {
    Plain(TypedFunc<(), ()>),
    /// Haskell's `hs_init(argc, argv)`.
    Haskell(TypedFunc<(i32, i32), ()>),
}

impl StartUp {
    fn run(&self, store: &mut Store<Host>) -> wasmtime::Result<()> {
        match self {
            Self::Plain(function) => function.call(store, ()),
            Self::Haskell(function) => function.call(store, (0, 0)),
        }
    }
}

/// The functions that an instance of the plug-in would run before its first call, in order.
fn functions(instance: &Instance, store: &mut Store<Host>) -> Vec<(&'static str, StartUp)> {
    let mut plain = |name| Some((name, StartUp::Plain(instance.get_typed_func(&mut *store, name).ok()?)));
    let initialize = plain("_initialize");
    let constructors = plain("__wasm_call_ctors");
    if let Ok(haskell) = instance.get_typed_func(&mut *store, "hs_init") {
        return initialize.into_iter().chain([("hs_init", StartUp::Haskell(haskell))]).collect();
    }
    constructors.or(initialize).into_iter().collect()
}

impl Started {
    /// Refuses a start-up whose effects instances would miss.
    pub(super) fn check(&self, snapshot: &Snapshot, conditions: &Conditions<'_>) -> Result<()> {
        let host = self.store.data();
        if host.wrote {
            let message = format!(
                "its start-up writes to its standard output or error, which instances of a snapshot would not do{}; build it \
                 without a snapshot, or keep it silent",
                host.said()
            );
            return Err(refusal(message));
        }
        if host.looked_for_folders && conditions.folders {
            return Err(refusal(
                "its start-up looks for the folders that it may use, and instances of a snapshot would not find them; build it \
                 without a snapshot, or without allowed folders",
            ));
        }
        let reads: Vec<SystemInput> = host.reads.difference(&snapshot.frozen).copied().collect();
        if reads.is_empty() {
            return Ok(());
        }
        let list = reads.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let message = format!(
            "its start-up reads {list}, and every instance of a snapshot would have what was read once; build it without a \
             snapshot, or allow that by `Snapshot::freeze`"
        );
        Err(Error::new(ErrorKind::Snapshot { reads }, message))
    }
}

impl Host {
    /// What the guest wrote last, to follow a message.
    fn said(&self) -> String {
        let stdout = self.written.stdout.take();
        let bytes = [stdout, self.written.stderr.take()].concat();
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]);
        if text.trim().is_empty() {
            String::new()
        } else {
            format!("; the plug-in said: {}", one_line(&text))
        }
    }
}

/// What ended start-up before its end.
fn failure(error: wasmtime::Error, host: &Host, timeout: Duration, own_limit: bool) -> Error {
    let backtrace =
        error.downcast_ref::<WasmBacktrace>().and_then(|trace| Backtrace::from_engine(trace, None));
    let error = match error.downcast::<Error>() {
        Ok(ours) => return ours.with_backtrace(backtrace),
        Err(error) => error,
    };
    let (kind, message) = if let Some(I32Exit(code)) = error.downcast_ref() {
        (ErrorKind::Exit(*code), format!("exited with code {code} while it started up for a snapshot"))
    } else {
        match error.downcast_ref::<Trap>().copied() {
            Some(Trap::Interrupt) => {
                let message = format!(
                    "its start-up did not end within {timeout:?}; raise `Snapshot::timeout`, or build it without a snapshot"
                );
                (ErrorKind::Timeout, message)
            }
            None | Some(Trap::UnreachableCodeReached | Trap::AllocationTooLarge) if host.budget.refused() => {
                let message = if own_limit {
                    format!(
                        "its start-up needs more memory than a snapshot can hold, which is {MAX_MEMORY_BYTES} bytes"
                    )
                } else {
                    host.budget.describe()
                };
                (ErrorKind::OutOfMemory, message)
            }
            Some(trap) => (
                ErrorKind::Trap(trap_kind(trap)),
                format!("{} while it started up for a snapshot", describe(trap, backtrace.as_ref())),
            ),
            None => return unsupported(&error),
        }
    };
    Error::new(kind, format!("{message}{}", host.said())).with_backtrace(backtrace)
}
