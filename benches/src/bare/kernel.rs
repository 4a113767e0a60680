//! The least that lets a plug-in of the contract run on the bare engine: kernel memory is a vector that only grows,
//! config and variables are empty, nothing is checked that Rust does not check.

use anyhow::{Context, Result};
use wasmtime::{Caller, Engine, InstancePre, Linker, Module, Store, TypedFunc};
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi::p1::{WasiP1Ctx, add_to_linker_sync};

use crate::guest::Guest;

const ENV: &str = "extism:host/env";
/// The bytes before each block, which hold its length.
const HEADER: usize = 8;

/// What the store holds.
pub(crate) struct State {
    memory: Vec<u8>,
    input: (u64, u64),
    output: (u64, u64),
    wasi: Option<WasiP1Ctx>,
}

impl State {
    fn alloc(&mut self, length: u64) -> u64 {
        if length == 0 {
            return 0;
        }
        self.memory.extend_from_slice(&length.to_le_bytes());
        let offset = self.memory.len();
        self.memory.resize(offset + length as usize, 0);
        offset as u64
    }

    fn bytes<const N: usize>(&self, offset: u64) -> [u8; N] {
        let from = offset as usize;
        self.memory.get(from..from + N).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; N])
    }

    fn input_bytes<const N: usize>(&self, index: u64) -> [u8; N] {
        let (offset, length) = self.input;
        if index + N as u64 <= length { self.bytes(offset + index) } else { [0; N] }
    }

    fn put(&mut self, offset: u64, bytes: &[u8]) {
        let from = offset as usize;
        if let Some(place) = self.memory.get_mut(from..from + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }
}

/// An instance of a plug-in, ready to be called.
pub(crate) struct Plugin {
    store: Store<State>,
    function: TypedFunc<(), i32>,
}

impl Plugin {
    /// Compiles a plug-in, and resolves its imports.
    pub(crate) fn compile(engine: &Engine, guest: &Guest) -> Result<InstancePre<State>> {
        let module = Module::new(engine, &guest.wasm)?;
        let mut linker = linker(engine)?;
        if guest.wasi {
            add_to_linker_sync(&mut linker, |state: &mut State| {
                state.wasi.get_or_insert_with(|| WasiCtx::builder().build_p1())
            })?;
        }
        linker.define_unknown_imports_as_traps(&module)?;
        Ok(linker.instantiate_pre(&module)?)
    }

    /// An instance, started.
    pub(crate) fn new(compiled: &InstancePre<State>, function: &str) -> Result<Self> {
        let state = State { memory: Vec::new(), input: (0, 0), output: (0, 0), wasi: None };
        let mut store = Store::new(compiled.module().engine(), state);
        let instance = compiled.instantiate(&mut store)?;
        if let Ok(start) = instance.get_typed_func::<(), ()>(&mut store, "_initialize") {
            start.call(&mut store, ())?;
        }
        let function = instance.get_typed_func(&mut store, function)?;
        Ok(Self { store, function })
    }

    /// Calls it. The output is borrowed.
    pub(crate) fn call(&mut self, input: &[u8]) -> Result<&[u8]> {
        let state = self.store.data_mut();
        state.memory.clear();
        let offset = state.alloc(input.len() as u64);
        state.put(offset, input);
        state.input = (offset, input.len() as u64);
        state.output = (0, 0);
        let code = self.function.call(&mut self.store, ())?;
        anyhow::ensure!(code == 0, "the plug-in returned {code}");
        let state = self.store.data();
        let (offset, length) = (state.output.0 as usize, state.output.1 as usize);
        state.memory.get(offset..offset + length).context("the output lies outside memory")
    }
}

fn linker(engine: &Engine) -> Result<Linker<State>> {
    type Guest<'a> = Caller<'a, State>;
    let mut linker = Linker::new(engine);
    linker.func_wrap(ENV, "alloc", |mut guest: Guest<'_>, length: u64| guest.data_mut().alloc(length))?;
    linker.func_wrap(ENV, "free", |_: u64| ())?;
    for name in ["length", "length_unsafe"] {
        linker.func_wrap(ENV, name, |guest: Guest<'_>, offset: u64| {
            if offset < HEADER as u64 {
                return 0;
            }
            u64::from_le_bytes(guest.data().bytes(offset - HEADER as u64))
        })?;
    }
    linker.func_wrap(ENV, "load_u8", |guest: Guest<'_>, offset: u64| {
        u32::from(u8::from_le_bytes(guest.data().bytes(offset)))
    })?;
    linker.func_wrap(ENV, "load_u64", |guest: Guest<'_>, offset: u64| {
        u64::from_le_bytes(guest.data().bytes(offset))
    })?;
    linker.func_wrap(ENV, "store_u8", |mut guest: Guest<'_>, offset: u64, value: u32| {
        guest.data_mut().put(offset, &[value as u8]);
    })?;
    linker.func_wrap(ENV, "store_u64", |mut guest: Guest<'_>, offset: u64, value: u64| {
        guest.data_mut().put(offset, &value.to_le_bytes());
    })?;
    linker.func_wrap(ENV, "input_offset", |guest: Guest<'_>| guest.data().input.0)?;
    linker.func_wrap(ENV, "input_length", |guest: Guest<'_>| guest.data().input.1)?;
    linker.func_wrap(ENV, "input_load_u8", |guest: Guest<'_>, index: u64| {
        u32::from(u8::from_le_bytes(guest.data().input_bytes(index)))
    })?;
    linker.func_wrap(ENV, "input_load_u64", |guest: Guest<'_>, index: u64| {
        u64::from_le_bytes(guest.data().input_bytes(index))
    })?;
    linker.func_wrap(ENV, "output_set", |mut guest: Guest<'_>, offset: u64, length: u64| {
        guest.data_mut().output = (offset, length);
    })?;
    linker.func_wrap(ENV, "error_set", |_: u64| ())?;
    linker.func_wrap(ENV, "config_get", |_: u64| 0u64)?;
    linker.func_wrap(ENV, "var_get", |_: u64| 0u64)?;
    linker.func_wrap(ENV, "var_set", |_: u64, _: u64| ())?;
    Ok(linker)
}
