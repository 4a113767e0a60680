//! The bare engine at its best ordinary use: imports resolved once, typed functions, memories looked up once.

mod kernel;

use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use wasmtime::{
    Caller, Config, Engine, Instance, InstancePre, Linker, Memory, Module, PoolingAllocationConfig, Store,
    TypedFunc,
};

pub(crate) use kernel::Plugin;

use crate::guest::Guest;
use crate::payload::{Payload, work};
use crate::sampler::clock;

/// The engine, made once. Nothing about it is special: it has no means to interrupt a guest.
pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(Engine::default)
}

/// An engine that takes instances from a pool of memories made in advance, which limits how large and how many they are.
pub(crate) fn pooling_engine() -> Result<Engine> {
    let mut config = Config::new();
    config.allocation_strategy(PoolingAllocationConfig::default());
    Ok(Engine::new(&config)?)
}

/// Compiles.
pub(crate) fn compile(guest: &Guest) -> Result<Module> {
    Ok(Module::new(engine(), &guest.wasm)?)
}

/// Loads compiled code from a file, by mapping it.
pub(crate) fn load(file: &Path) -> Result<Module> {
    // SAFETY: the file holds what `Module::serialize` gave a moment ago, in a folder that only this user can write to.
    #[allow(unsafe_code, reason = "the engine offers no other way to load compiled code")]
    let module = unsafe { Module::deserialize_file(engine(), file) };
    Ok(module?)
}

/// An instance of a guest that imports nothing.
fn alone<T: 'static>(guest: &str, data: T) -> Result<(Store<T>, Instance)> {
    let module = compile(&Guest::own(guest)?)?;
    let mut store = Store::new(engine(), data);
    let instance = Instance::new(&mut store, &module, &[])?;
    Ok((store, instance))
}

/// Calls of a function that does nothing.
pub(crate) fn empty() -> Result<impl FnMut(u64) -> Result<[Duration; 1]>> {
    let (mut store, instance) = alone("empty", ())?;
    let empty = instance.get_typed_func::<(), i32>(&mut store, "empty")?;
    Ok(move |times| {
        clock(times, || {
            ensure!(empty.call(&mut store, ())? == 0, "an empty call failed");
            Ok(())
        })
    })
}

/// Echoes without a copy in the guest: the host writes the input to the guest's memory and borrows the output from it.
pub(crate) fn echo(bytes: usize) -> Result<impl FnMut(u64) -> Result<[Duration; 1]>> {
    let (mut store, instance) = alone("bare_echo", ())?;
    let memory = memory(&mut store, &instance, "memory")?;
    let echo = instance.get_typed_func::<(u32, u32), u64>(&mut store, "echo")?;
    let mut payload = Payload::new(bytes);
    Ok(move |times| {
        let elapsed = clock(times, || {
            memory.write(&mut store, 0, payload.next())?;
            let packed = echo.call(&mut store, (0, bytes as u32))?;
            payload.check(range(memory.data(&store), packed >> 32, packed & 0xffff_ffff)?)
        })?;
        payload.check_all(&memory.data(&store)[..bytes])?;
        Ok(elapsed)
    })
}

/// Echoes with two copies in the guest: from the memory shared with the host to its own, and back.
pub(crate) fn copy(bytes: usize) -> Result<impl FnMut(u64) -> Result<[Duration; 1]>> {
    let (mut store, instance) = alone("bare_copy", ())?;
    let shared = memory(&mut store, &instance, "shared")?;
    let echo = instance.get_typed_func::<(u32, u32, u32), ()>(&mut store, "echo")?;
    let mut payload = Payload::new(bytes);
    Ok(move |times| {
        let length = bytes as u32;
        let elapsed = clock(times, || {
            shared.write(&mut store, 0, payload.next())?;
            echo.call(&mut store, (0, length, length))?;
            payload.check(range(shared.data(&store), length.into(), length.into())?)
        })?;
        payload.check_all(range(shared.data(&store), length.into(), length.into())?)?;
        Ok(elapsed)
    })
}

/// What a host function needs to pass text to its guest, looked up once.
struct GuestMemory {
    memory: Memory,
    alloc: TypedFunc<u32, u32>,
}

/// A guest with the host functions `number` and `text`: its function `name` gets `calls` and must answer with `answer`.
pub(crate) fn host_functions(
    name: &'static str,
    calls: u64,
    answer: u64,
) -> Result<impl FnMut(u64) -> Result<[Duration; 1]>> {
    let mut linker = Linker::<Option<GuestMemory>>::new(engine());
    linker.func_wrap("host", "number", |number: i64| number + 1)?;
    linker.func_wrap("host", "text", text)?;
    let module = compile(&Guest::own("bare_host")?)?;
    let mut store = Store::new(engine(), None);
    let instance = linker.instantiate_pre(&module)?.instantiate(&mut store)?;
    let memory = memory(&mut store, &instance, "memory")?;
    let alloc = instance.get_typed_func(&mut store, "alloc")?;
    *store.data_mut() = Some(GuestMemory { memory, alloc });
    let function = instance.get_typed_func::<u64, u64>(&mut store, name)?;
    Ok(move |times| {
        clock(times, || {
            ensure!(function.call(&mut store, calls)? == answer, "`{name}` gave a wrong answer");
            Ok(())
        })
        .with_context(|| format!("the bare engine calls host functions {calls} times"))
    })
}

/// The string at `offset` in upper case, in a block that the guest's allocator makes.
fn text(mut caller: Caller<'_, Option<GuestMemory>>, offset: u32, length: u32) -> wasmtime::Result<u64> {
    let guest = caller.data().as_ref();
    let GuestMemory { memory, alloc } =
        guest.ok_or_else(|| wasmtime::Error::msg("the guest has no memory yet"))?;
    let (memory, alloc) = (*memory, alloc.clone());
    let bytes = range(memory.data(&caller), offset.into(), length.into())
        .map_err(|error| wasmtime::Error::msg(error.to_string()))?;
    let mut text = std::str::from_utf8(bytes)?.to_owned();
    text.make_ascii_uppercase();
    let answer = alloc.call(&mut caller, text.len() as u32)?;
    memory.write(&mut caller, answer as usize, text.as_bytes())?;
    Ok(u64::from(answer) << 32 | text.len() as u64)
}

/// Calls on one thread of a function that computes.
pub(crate) struct Worker {
    store: Store<()>,
    work: TypedFunc<u64, u64>,
    rounds: u64,
    answer: u64,
}

impl Worker {
    /// A worker of this many rounds a call. It has its own instance.
    pub(crate) fn new(compiled: &InstancePre<()>, rounds: u64) -> Result<Self> {
        let mut store = Store::new(engine(), ());
        let instance = compiled.instantiate(&mut store)?;
        let work_function = instance.get_typed_func(&mut store, "work")?;
        Ok(Self { store, work: work_function, rounds, answer: work(rounds) })
    }

    /// The code that workers share.
    pub(crate) fn compile() -> Result<InstancePre<()>> {
        let module = compile(&Guest::own("work")?)?;
        let mut linker = Linker::new(engine());
        linker.define_unknown_imports_as_traps(&module)?;
        Ok(linker.instantiate_pre(&module)?)
    }

    /// Makes one call.
    pub(crate) fn call(&mut self) -> Result<()> {
        let answer = self.work.call(&mut self.store, self.rounds)?;
        ensure!(answer == self.answer, "the bare engine computed {answer}, not {}", self.answer);
        Ok(())
    }
}

/// Compiles, and says how long that took.
pub(crate) fn time_to_compile(guest: &Guest) -> Result<Duration> {
    let start = Instant::now();
    let module = compile(guest)?;
    let elapsed = start.elapsed();
    drop(module);
    Ok(elapsed)
}

fn memory<T: 'static>(store: &mut Store<T>, instance: &Instance, name: &str) -> Result<Memory> {
    instance.get_memory(store, name).with_context(|| format!("the guest exports no memory `{name}`"))
}

/// The bytes of a memory at this offset.
fn range(memory: &[u8], offset: u64, length: u64) -> Result<&[u8]> {
    let from = usize::try_from(offset)?;
    let to = from.checked_add(usize::try_from(length)?).context("a range is too long")?;
    memory.get(from..to).context("a range lies outside the guest's memory")
}
