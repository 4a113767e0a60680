//! What is added to a module: names for the host, indices for the module's code.

use wasm_encoder::{ConstExpr, Encode, ExportKind, GlobalType, MemoryType, SectionId, ValType};

use crate::reserve::Reserve;
use crate::section::Added;

/// What the names of all added exports start with. A module that exports such a name itself is not rewritten.
pub const NAMESPACE: &str = "plugwright:kernel/";
/// The exported kernel memory: 32-bit, not shared, of [`kernel_pages`](crate::Options::kernel_pages) and without a maximum. A guest may
/// touch none of it before the host sets the [`LIMIT`]; the pages are there because making a memory larger takes longer than making
/// it.
pub const MEMORY: &str = "plugwright:kernel/memory";
/// The exported global with the number of bytes of kernel memory that the guest may touch. At most the memory's size.
pub const LIMIT: &str = "plugwright:kernel/limit";
/// The exported global with `max(limit - 7, 0)`: below it, eight bytes can be accessed.
pub const LIMIT8: &str = "plugwright:kernel/limit8";
/// The exported global with the offset of the call's input in kernel memory. `input_offset + input_length <= limit`.
pub const INPUT_OFFSET: &str = "plugwright:kernel/input_offset";
/// The exported global with the number of bytes of the call's input.
pub const INPUT_LENGTH: &str = "plugwright:kernel/input_length";
/// The exported global with `max(input_length - 7, 0)`.
pub const INPUT_LIMIT8: &str = "plugwright:kernel/input_limit8";
/// The exported function that was the module's start function. Exported only when there was one.
pub const START: &str = "plugwright:kernel/start";

/// The names of the added globals in the order of their indices.
const GLOBALS: [&str; 5] = [LIMIT, LIMIT8, INPUT_OFFSET, INPUT_LENGTH, INPUT_LIMIT8];

/// The indices of what is added, which follow the module's own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kernel {
    pub(crate) memory: u32,
    /// What the memory has from the start.
    pages: u32,
    pub(crate) limit: u32,
    pub(crate) limit8: u32,
    pub(crate) input_offset: u32,
    pub(crate) input_length: u32,
    pub(crate) input_limit8: u32,
}

impl Kernel {
    /// Indices for a module with so many `memories` and `globals`, and a memory of so many `pages`.
    pub(crate) fn new(memories: u32, globals: u32, pages: u32) -> Self {
        Self {
            memory: memories,
            pages,
            limit: globals,
            limit8: globals + 1,
            input_offset: globals + 2,
            input_length: globals + 3,
            input_limit8: globals + 4,
        }
    }

    /// The index of the first global behind these.
    pub(crate) fn next_global(self) -> u32 {
        self.input_limit8 + 1
    }

    /// The entries for the module's memory, global and export sections, with a global more if there is a `reserve`. `start` is
    /// the start function's index.
    pub(crate) fn sections(self, reserve: Option<Reserve>, start: Option<u32>) -> [Added; 3] {
        let mut memories = Added::new(SectionId::Memory);
        let mut globals = Added::new(SectionId::Global);
        let mut exports = Added::new(SectionId::Export);
        memories.entry(|bytes| {
            MemoryType {
                minimum: self.pages.into(),
                maximum: None,
                memory64: false,
                shared: false,
                page_size_log2: None,
            }
            .encode(bytes);
        });
        let mut export = |name: &str, kind: ExportKind, index: u32| {
            exports.entry(|bytes| {
                name.encode(bytes);
                kind.encode(bytes);
                index.encode(bytes);
            });
        };
        export(MEMORY, ExportKind::Memory, self.memory);
        for (name, index) in GLOBALS.into_iter().zip(self.limit..) {
            globals.entry(|bytes| {
                GlobalType { val_type: ValType::I64, mutable: true, shared: false }.encode(bytes);
                ConstExpr::i64_const(0).encode(bytes);
            });
            export(name, ExportKind::Global, index);
        }
        if let Some(reserve) = reserve {
            globals.entry(|bytes| reserve.global(bytes));
        }
        if let Some(function) = start {
            export(START, ExportKind::Func, function);
        }
        [memories, globals, exports]
    }
}
