//! Runs a module as it is, with host functions that implement the contract, and rewritten, with the host's part of it.

#![allow(dead_code, reason = "each test file uses a part")]

use plugwright_rewrite::{
    INPUT_LENGTH, INPUT_LIMIT8, INPUT_OFFSET, LIMIT, LIMIT8, MEMORY, Options, Rewritten, START,
};
use wasmtime::{
    Caller, Config, Engine, Error, Extern, ExternType, Func, FuncType, Instance, Memory, Module, Result,
    Store, StoreLimits, StoreLimitsBuilder, Trap, Val, ValType,
};

/// The kernel memory that both see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kernel {
    pub(crate) bytes: Vec<u8>,
    pub(crate) input_offset: u64,
    pub(crate) input_length: u64,
}

impl Kernel {
    /// `len` bytes, none of which is like its neighbours, with an input in them.
    pub(crate) fn new(len: usize, input_offset: u64, input_length: u64) -> Self {
        let bytes = (0..len).map(|at| (at as u32).wrapping_mul(0x9e37_79b1).to_be_bytes()[0] | 1).collect();
        Self { bytes, input_offset, input_length }
    }

    fn load<const N: usize>(&self, offset: u64) -> Option<[u8; N]> {
        let start = usize::try_from(offset).ok()?;
        self.bytes.get(start..start.checked_add(N)?)?.try_into().ok()
    }

    fn store(&mut self, offset: u64, value: &[u8]) {
        let range =
            usize::try_from(offset).ok().and_then(|start| Some(start..start.checked_add(value.len())?));
        if let Some(target) = range.and_then(|range| self.bytes.get_mut(range)) {
            target.copy_from_slice(value);
        }
    }

    fn load_input<const N: usize>(&self, index: u64) -> Option<[u8; N]> {
        let fits = index.checked_add(N as u64)? <= self.input_length;
        fits.then(|| self.load(self.input_offset + index)).flatten()
    }
}

/// What a store holds.
pub(crate) struct State {
    kernel: Kernel,
    /// The rewritten module's kernel memory, whose bytes count then.
    kernel_memory: Option<Memory>,
    /// The name by which the guest exports its memory 0.
    memory: String,
    limits: StoreLimits,
    /// How often the host was called, by name.
    pub(crate) calls: Vec<String>,
}

/// A running module.
pub(crate) struct Guest {
    pub(crate) store: Store<State>,
    pub(crate) instance: Instance,
}

/// An engine with the features of the runtime's.
pub(crate) fn engine() -> Engine {
    Engine::new(&config()).unwrap()
}

pub(crate) fn config() -> Config {
    let mut config = Config::new();
    config.wasm_gc(false);
    // Many small modules: what counts is how fast they are compiled and made.
    config.memory_reservation(1 << 20);
    config.memory_guard_size(1 << 16);
    config
}

pub(crate) fn rewrite(wasm: &[u8]) -> Rewritten {
    plugwright_rewrite::rewrite(wasm).unwrap()
}

/// As [`rewrite`], with chunks of 16 bytes.
pub(crate) fn rewrite_in_small_chunks(wasm: &[u8]) -> Rewritten {
    Options::default().chunk_bytes(16).rewrite(wasm).unwrap()
}

impl Guest {
    /// Instantiates a module as it is.
    pub(crate) fn original(engine: &Engine, wasm: &[u8], kernel: &Kernel) -> Result<Self> {
        Self::new(engine, wasm, kernel)
    }

    /// Instantiates a rewritten module, and starts it.
    pub(crate) fn rewritten(engine: &Engine, rewritten: &Rewritten, kernel: &Kernel) -> Result<Self> {
        let mut guest = Self::new(engine, &rewritten.wasm, kernel)?;
        guest.show(kernel)?;
        if rewritten.has_start {
            guest.call(START)?;
        }
        Ok(guest)
    }

    fn new(engine: &Engine, wasm: &[u8], kernel: &Kernel) -> Result<Self> {
        let module = Module::new(engine, wasm)?;
        let limits = StoreLimitsBuilder::new().memory_size(256 << 20).table_elements(100_000).build();
        let state = State {
            kernel: kernel.clone(),
            kernel_memory: None,
            memory: memory_name(wasm),
            limits,
            calls: Vec::new(),
        };
        let mut store = Store::new(engine, state);
        store.limiter(|state| &mut state.limits);
        let imports: Vec<Extern> = module
            .imports()
            .map(|import| match import.ty() {
                ExternType::Func(ty) => host_function(&mut store, import.name(), ty).into(),
                other => panic!("tests import functions only, not {other:?}"),
            })
            .collect();
        let instance = Instance::new(&mut store, &module, &imports)?;
        Ok(Self { store, instance })
    }

    /// Does what the host does before a call.
    fn show(&mut self, kernel: &Kernel) -> Result<()> {
        let memory = self.instance.get_memory(&mut self.store, MEMORY).unwrap();
        let pages = kernel.bytes.len().div_ceil(1 << 16) as u64;
        memory.grow(&mut self.store, pages)?;
        let limit = kernel.bytes.len();
        memory.write(&mut self.store, 0, &kernel.bytes)?;
        // What is behind the limit must never be seen.
        memory.data_mut(&mut self.store)[limit..].fill(0xee);
        for (name, value) in [
            (LIMIT, limit as u64),
            (LIMIT8, (limit as u64).saturating_sub(7)),
            (INPUT_OFFSET, kernel.input_offset),
            (INPUT_LENGTH, kernel.input_length),
            (INPUT_LIMIT8, kernel.input_length.saturating_sub(7)),
        ] {
            let global = self.instance.get_global(&mut self.store, name).unwrap();
            global.set(&mut self.store, Val::I64(value.cast_signed()))?;
        }
        self.store.data_mut().kernel_memory = Some(memory);
        Ok(())
    }

    /// Calls an export with as many zeros as it has parameters. The results as they are shown: NaNs are equal then.
    pub(crate) fn call(&mut self, name: &str) -> Result<String> {
        let function = self.instance.get_func(&mut self.store, name).unwrap();
        let ty = function.ty(&self.store);
        let params: Vec<Val> = ty.params().map(|ty| zero(&ty)).collect();
        self.call_with(name, &params)
    }

    pub(crate) fn call_with(&mut self, name: &str, params: &[Val]) -> Result<String> {
        let function = self.instance.get_func(&mut self.store, name).unwrap();
        let ty = function.ty(&self.store);
        let mut results: Vec<Val> = ty.results().map(|ty| zero(&ty)).collect();
        function.call(&mut self.store, params, &mut results)?;
        Ok(results.iter().map(show).collect::<Vec<_>>().join(" "))
    }

    /// The kernel memory up to its limit.
    pub(crate) fn kernel(&self) -> Vec<u8> {
        let limit = self.store.data().kernel.bytes.len();
        match self.store.data().kernel_memory {
            None => self.store.data().kernel.bytes.clone(),
            Some(memory) => {
                let (inside, outside) = memory.data(&self.store).split_at(limit);
                assert!(outside.iter().all(|byte| *byte == 0xee), "written behind the limit");
                inside.to_vec()
            }
        }
    }

    /// An exported memory.
    pub(crate) fn memory(&mut self, name: &str) -> &mut [u8] {
        let memory = self.instance.get_memory(&mut self.store, name).unwrap();
        memory.data_mut(&mut self.store)
    }
}

/// The outcome of a call, in words that are equal when the outcomes are.
pub(crate) fn outcome(result: Result<String>) -> String {
    match result {
        Ok(results) => results,
        Err(error) => match error.downcast_ref::<Trap>() {
            Some(trap) => format!("trap: {trap}"),
            None => format!("error: {}", error.root_cause()),
        },
    }
}

pub(crate) fn zero(ty: &ValType) -> Val {
    Val::default_for_ty(ty).unwrap_or(Val::I32(0))
}

pub(crate) fn show(val: &Val) -> String {
    match val {
        Val::FuncRef(function) => format!("function {}", function.is_some()),
        Val::ExternRef(reference) => format!("extern {}", reference.is_some()),
        other => format!("{other:?}"),
    }
}

/// What the host has for an import: the contract's function if it is known, else one that returns zeros.
fn host_function(store: &mut Store<State>, name: &str, ty: FuncType) -> Func {
    let called = name.to_owned();
    Func::new(store, ty.clone(), move |mut caller, params, results| {
        caller.data_mut().calls.push(called.clone());
        for (result, ty) in results.iter_mut().zip(ty.results()) {
            *result = zero(&ty);
        }
        let types: (Vec<_>, Vec<_>) = (ty.params().collect(), ty.results().collect());
        contract(&mut caller, &called, &types, params, results)
    })
}

fn contract(
    caller: &mut Caller<'_, State>,
    name: &str,
    (params, results_types): &(Vec<ValType>, Vec<ValType>),
    args: &[Val],
    results: &mut [Val],
) -> Result<()> {
    if let Some(memory) = caller.data().kernel_memory {
        let (bytes, state) = memory.data_and_store_mut(&mut *caller);
        let len = state.kernel.bytes.len();
        state.kernel.bytes.copy_from_slice(&bytes[..len]);
    }
    let u64_at = |at: usize| args[at].unwrap_i64().cast_unsigned();
    let kernel = &mut caller.data_mut().kernel;
    match (name, params.as_slice(), results_types.as_slice()) {
        ("load_u8", [ValType::I64], [ValType::I32]) => {
            results[0] = Val::I32(kernel.load::<1>(u64_at(0)).map_or(0, |[byte]| byte.into()));
        }
        ("load_u64", [ValType::I64], [ValType::I64]) => {
            results[0] = Val::I64(kernel.load(u64_at(0)).map_or(0, i64::from_le_bytes));
        }
        ("store_u8", [ValType::I64, ValType::I32], []) => {
            kernel.store(u64_at(0), &args[1].unwrap_i32().to_le_bytes()[..1]);
        }
        ("store_u64", [ValType::I64, ValType::I64], []) => {
            kernel.store(u64_at(0), &args[1].unwrap_i64().to_le_bytes());
        }
        ("input_load_u8", [ValType::I64], [ValType::I32]) => {
            results[0] = Val::I32(kernel.load_input::<1>(u64_at(0)).map_or(0, |[byte]| byte.into()));
        }
        ("input_load_u64", [ValType::I64], [ValType::I64]) => {
            results[0] = Val::I64(kernel.load_input(u64_at(0)).map_or(0, i64::from_le_bytes));
        }
        ("input_length", [], [ValType::I64]) => results[0] = Val::I64(kernel.input_length.cast_signed()),
        ("input_offset", [], [ValType::I64]) => results[0] = Val::I64(kernel.input_offset.cast_signed()),
        ("read", [ValType::I32, ValType::I64, ValType::I64], []) => {
            let address = u64::from(args[0].unwrap_i32().cast_unsigned());
            copy(caller, address, u64_at(1), u64_at(2), true)?;
        }
        ("write", [ValType::I64, ValType::I32, ValType::I64], []) => {
            let address = u64::from(args[1].unwrap_i32().cast_unsigned());
            copy(caller, address, u64_at(0), u64_at(2), false)?;
        }
        _ => return Ok(()),
    }
    if let Some(memory) = caller.data().kernel_memory {
        let (bytes, state) = memory.data_and_store_mut(&mut *caller);
        bytes[..state.kernel.bytes.len()].copy_from_slice(&state.kernel.bytes);
    }
    Ok(())
}

/// The name by which a module exports its memory 0.
fn memory_name(wasm: &[u8]) -> String {
    wasmparser::Parser::new(0)
        .parse_all(wasm)
        .filter_map(|payload| match payload.unwrap() {
            wasmparser::Payload::ExportSection(section) => Some(section.into_iter().map(Result::unwrap)),
            _ => None,
        })
        .flatten()
        .find(|export| export.kind == wasmparser::ExternalKind::Memory && export.index == 0)
        .map_or_else(String::new, |export| export.name.to_owned())
}

/// Copies between the guest's memory 0 and kernel memory.
fn copy(caller: &mut Caller<'_, State>, address: u64, offset: u64, len: u64, reads: bool) -> Result<()> {
    let range = |start: u64, size: usize| -> Option<std::ops::Range<usize>> {
        let end = start.checked_add(len).filter(|end| *end <= size as u64)?;
        Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    };
    let size = caller.data().kernel.bytes.len();
    let kernel_range = range(offset, size).ok_or_else(|| Error::msg("outside kernel memory"))?;
    let name = caller.data().memory.clone();
    let Some(Extern::Memory(memory)) = caller.get_export(&name) else {
        return Err(Error::msg("no memory"));
    };
    let (bytes, state) = memory.data_and_store_mut(caller);
    let range = range(address, bytes.len()).ok_or(Trap::MemoryOutOfBounds)?;
    let kernel = &mut state.kernel.bytes[kernel_range];
    if reads {
        bytes[range].copy_from_slice(kernel)
    } else {
        kernel.copy_from_slice(&bytes[range])
    }
    Ok(())
}
