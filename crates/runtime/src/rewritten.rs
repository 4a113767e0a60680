//! What the host must know of a module that was rewritten.

use std::sync::Arc;

use plugwright_rewrite as kernel;
use wasmtime::{AsContextMut, Instance, Module, ModuleExport};

use crate::WASM_PAGE_BYTES;
use crate::error::{Error, ErrorKind, Result};
use crate::kernel_memory::{self, Globals};
use crate::source_map::SourceMap;
use crate::start_up::StartUp;
use crate::state::State;

/// What a rewrite did to a module.
#[derive(Debug, Clone)]
pub(crate) struct Rewrite {
    /// Whether the module had a start function, which it now exports.
    pub(crate) has_start: bool,
    /// The pages that its own memory has beyond those that it asks for.
    pub(crate) reserve_pages: u32,
    /// Where the module's code was before.
    pub(crate) source_map: Arc<SourceMap>,
}

/// What a rewritten module exports for its host.
pub(crate) struct KernelExports {
    memory: ModuleExport,
    limit: ModuleExport,
    limit8: ModuleExport,
    input_offset: ModuleExport,
    input_length: ModuleExport,
    input_limit8: ModuleExport,
    start: StartUp,
    reserve_bytes: u64,
}

impl KernelExports {
    /// # Errors
    ///
    /// `Incompatible` when something is missing.
    pub(crate) fn of(module: &Module, rewrite: &Rewrite) -> Result<Self> {
        let export = |name| module.get_export_index(name).ok_or_else(|| lacks(name));
        Ok(Self {
            memory: export(kernel::MEMORY)?,
            limit: export(kernel::LIMIT)?,
            limit8: export(kernel::LIMIT8)?,
            input_offset: export(kernel::INPUT_OFFSET)?,
            input_length: export(kernel::INPUT_LENGTH)?,
            input_limit8: export(kernel::INPUT_LIMIT8)?,
            start: if rewrite.has_start {
                StartUp::function(kernel::START, export(kernel::START)?)
            } else {
                StartUp::default()
            },
            reserve_bytes: u64::from(rewrite.reserve_pages) * WASM_PAGE_BYTES,
        })
    }

    /// Makes the instance's kernel memory that of its store.
    ///
    /// # Errors
    ///
    /// `Incompatible` when the instance is of another module, or an export is something else.
    pub(crate) fn attach(
        &self,
        mut store: impl AsContextMut<Data = State>,
        instance: &Instance,
    ) -> Result<()> {
        let memory = instance.get_module_export(&mut store, &self.memory);
        let memory = memory.and_then(wasmtime::Extern::into_memory).ok_or_else(|| lacks(kernel::MEMORY))?;
        let mut global = |export, name| {
            let global = instance.get_module_export(&mut store, export);
            global.and_then(wasmtime::Extern::into_global).ok_or_else(|| lacks(name))
        };
        let globals = Globals {
            limit: global(&self.limit, kernel::LIMIT)?,
            limit8: global(&self.limit8, kernel::LIMIT8)?,
            input_offset: global(&self.input_offset, kernel::INPUT_OFFSET)?,
            input_length: global(&self.input_length, kernel::INPUT_LENGTH)?,
            input_limit8: global(&self.input_limit8, kernel::INPUT_LIMIT8)?,
        };
        kernel_memory::attach(store, memory, globals)
    }

    /// The bytes that the guest's memory has beyond those that it asks for.
    pub(crate) fn reserve_bytes(&self) -> u64 {
        self.reserve_bytes
    }

    /// The module's own start function, if it has one: to be run when the kernel memory is attached.
    pub(crate) fn start(&self) -> &StartUp {
        &self.start
    }
}

fn lacks(name: &str) -> Error {
    let message = format!("the module was rewritten by another version: it lacks `{name}`; compile it again");
    Error::new(ErrorKind::Incompatible, message)
}
