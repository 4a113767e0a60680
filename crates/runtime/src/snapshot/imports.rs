//! What start-up may call: a little of WASI. Everything else is refused, and so is what was asked for.

use wasmtime::{AsContextMut, Caller, Error, Extern, ExternType, Func, Linker, Module, Result, Store};
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::p1::wasi_snapshot_preview1 as abi;
use wasmtime_wasi::p1::wasi_snapshot_preview1::WasiSnapshotPreview1;
use wasmtime_wasi::{HostMonotonicClock, I32Exit, WasiCtxBuilder};
use wiggle::GuestMemory;

use super::run::Host;
use super::{SystemInput, refusal};
use crate::executor;
use crate::wasi::{Capture, MODULE, WasiSettings};

/// The most random bytes that start-up gets at a time, since making them cannot be interrupted.
const MAX_RANDOM_BYTES: u64 = 1 << 20;

/// The time since an instance was made, during a start-up that happens before all instances. Not zero, which programs take
/// for a clock that does not work.
struct StandingClock;

impl HostMonotonicClock for StandingClock {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        1
    }
}

/// The system as start-up sees it: no folders, no input, and output that is kept to be shown in an error.
pub(super) fn system(settings: &WasiSettings, written: &Capture) -> WasiP1Ctx {
    let mut builder = WasiCtxBuilder::new();
    builder.args(&settings.args).envs(&settings.env);
    builder.monotonic_clock(StandingClock).max_random_size(MAX_RANDOM_BYTES);
    builder.stdout(written.stdout.clone()).stderr(written.stderr.clone());
    builder.build_p1()
}

/// What satisfies the imports of a module, in their order.
pub(super) fn of(module: &Module, store: &mut Store<Host>) -> Result<Vec<Extern>> {
    let mut wasi = Linker::new(store.engine());
    add_to_linker(&mut wasi)?;
    let mut imports = Vec::with_capacity(module.imports().len());
    for import in module.imports() {
        let ExternType::Func(wanted) = import.ty() else {
            return Err(Error::msg(format!("`{}.{}` is not a function", import.module(), import.name())));
        };
        let offered = wasi.get(&mut *store, import.module(), import.name()).ok().and_then(Extern::into_func);
        let function = match offered {
            Some(offered) if offered.ty(&*store).matches(&wanted) => offered,
            _ => {
                let (module, name) = (import.module().to_owned(), import.name().to_owned());
                Func::new(&mut *store, wanted, move |_, _, _| Err(refused(&module, &name)))
            }
        };
        imports.push(function.into());
    }
    Ok(imports)
}

fn refused(module: &str, name: &str) -> Error {
    let offers = if module == MODULE {
        "a snapshot offers the clock, random numbers, environment variables and arguments of WASI only"
    } else {
        "a snapshot is made without host functions"
    };
    let message = format!(
        "its start-up calls `{module}.{name}`, but {offers}; build it without a snapshot, or make that call later"
    );
    Error::new(refusal(message))
}

/// Defines functions of WASI, each with what a call of it means for a snapshot.
macro_rules! define {
    ($linker:ident; $($kind:ident $effect:expr, $name:ident($($arg:ident: $ty:ty),*);)*) => {
        $(
            $linker.func_wrap(MODULE, stringify!($name), |mut caller: Caller<'_, Host>, $($arg: $ty),*| -> Result<i32> {
                let fuel = caller.as_context_mut().hostcall_fuel();
                let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
                    return Err(Error::msg(concat!("`", stringify!($name), "` needs the module to export its memory as `memory`")));
                };
                let (bytes, host) = memory.data_and_store_mut(&mut caller);
                let effect: fn(&mut Host) = $effect;
                effect(host);
                let Some(wasi) = &mut host.wasi else {
                    return Err(off(stringify!($name)));
                };
                wasi.set_hostcall_fuel(fuel);
                let mut memory = GuestMemory::Unshared(bytes);
                define!(@$kind abi::$name(wasi, &mut memory, $($arg),*))
            })?;
        )*
    };
    (@now $call:expr) => { $call };
    (@future $call:expr) => { executor::block_on($call).map_err(Error::new)? };
}

fn add_to_linker(linker: &mut Linker<Host>) -> Result<()> {
    define! { linker;
        now |host| reads(host, SystemInput::Clock), clock_res_get(id: i32, resolution: i32);
        now |host| reads(host, SystemInput::Clock), clock_time_get(id: i32, precision: i64, time: i32);
        now |host| reads(host, SystemInput::Random), random_get(buf: i32, len: i32);
        now |host| reads(host, SystemInput::Environment), environ_get(environ: i32, buf: i32);
        now |host| reads(host, SystemInput::Environment), environ_sizes_get(count: i32, size: i32);
        now |host| reads(host, SystemInput::Arguments), args_get(argv: i32, buf: i32);
        now |host| reads(host, SystemInput::Arguments), args_sizes_get(count: i32, size: i32);
        // There are the three standard streams and no folders, as in an instance without folders.
        future |_| {}, fd_fdstat_get(fd: i32, stat: i32);
        // Streams have no flags to set: it fails, here as in an instance.
        now |_| {}, fd_fdstat_set_flags(fd: i32, flags: i32);
        now |host| host.looked_for_folders = true, fd_prestat_get(fd: i32, stat: i32);
        now |host| host.looked_for_folders = true, fd_prestat_dir_name(fd: i32, path: i32, len: i32);
        // It succeeds, so that a guest that gives up can say why.
        future |host| host.wrote = true, fd_write(fd: i32, iovs: i32, count: i32, written: i32);
        now |_| {}, sched_yield();
    }
    linker.func_wrap(MODULE, "proc_exit", |code: i32| -> Result<()> { Err(I32Exit(code).into()) })?;
    Ok(())
}

fn reads(host: &mut Host, input: SystemInput) {
    host.reads.insert(input);
}

fn off(name: &str) -> Error {
    let message =
        format!("its start-up calls `{MODULE}.{name}`, but WASI is off: turn it on with `wasi(true)`");
    Error::new(refusal(message))
}
