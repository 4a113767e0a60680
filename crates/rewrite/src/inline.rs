//! The instructions that stand for calls.

use wasm_encoder::{BlockType, InstructionSink, MemArg, ValType};

use crate::chunk::Helper;
use crate::import::{Import, Scratch};
use crate::kernel::Kernel;

/// The scratch locals of a function: those of type `i64` come first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Locals {
    first: u32,
    wide: u32,
}

impl Locals {
    /// Scratch locals from index `first` on.
    pub(crate) fn new(first: u32, scratch: Scratch) -> Self {
        Self { first, wide: scratch.wide }
    }

    /// The local of type `i64` for an offset, an index, or a length.
    fn offset(self) -> u32 {
        self.first
    }

    /// Another local of type `i64`, for a value or a length.
    fn value(self) -> u32 {
        self.first + 1
    }

    /// The local of type `i32`.
    fn narrow(self) -> u32 {
        self.first + self.wide
    }
}

/// Writes instructions for the bodies of one module.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inline {
    pub(crate) kernel: Kernel,
    /// The most bytes that one instruction copies.
    pub(crate) chunk_bytes: u32,
}

impl Inline {
    /// Writes what does the same as `call`, the bytes of a call of `import`.
    pub(crate) fn import(&self, import: Import, locals: Locals, call: &[u8], bytes: &mut Vec<u8>) {
        match import {
            Import::Read | Import::Write => self.bulk(import, locals, call, bytes),
            _ => self.access(import, locals, &mut InstructionSink::new(bytes)),
        }
    }

    fn access(&self, import: Import, locals: Locals, code: &mut InstructionSink<'_>) {
        let Kernel { limit, limit8, input_offset, input_length, input_limit8, .. } = self.kernel;
        let memory = MemArg { offset: 0, align: 0, memory_index: self.kernel.memory };
        match import {
            Import::LoadU8 => {
                below(code, locals, limit, BlockType::Result(ValType::I32));
                code.local_get(locals.offset()).i32_wrap_i64().i32_load8_u(memory).else_().i32_const(0).end();
            }
            Import::LoadU64 => {
                below(code, locals, limit8, BlockType::Result(ValType::I64));
                code.local_get(locals.offset()).i32_wrap_i64().i64_load(memory).else_().i64_const(0).end();
            }
            Import::StoreU8 => {
                code.local_set(locals.narrow());
                below(code, locals, limit, BlockType::Empty);
                code.local_get(locals.offset())
                    .i32_wrap_i64()
                    .local_get(locals.narrow())
                    .i32_store8(memory)
                    .end();
            }
            Import::StoreU64 => {
                code.local_set(locals.value());
                below(code, locals, limit8, BlockType::Empty);
                code.local_get(locals.offset())
                    .i32_wrap_i64()
                    .local_get(locals.value())
                    .i64_store(memory)
                    .end();
            }
            Import::InputLoadU8 => {
                below(code, locals, input_length, BlockType::Result(ValType::I32));
                code.global_get(input_offset).local_get(locals.offset()).i64_add().i32_wrap_i64();
                code.i32_load8_u(memory).else_().i32_const(0).end();
            }
            Import::InputLoadU64 => {
                below(code, locals, input_limit8, BlockType::Result(ValType::I64));
                code.global_get(input_offset).local_get(locals.offset()).i64_add().i32_wrap_i64();
                code.i64_load(memory).else_().i64_const(0).end();
            }
            Import::InputLength => _ = code.global_get(input_length),
            Import::InputOffset => _ = code.global_get(input_offset),
            // Written by `bulk`.
            Import::Read | Import::Write => {}
        }
    }

    /// One instruction when the range is in kernel memory and is not long. Else the import, which tells errors precisely
    /// and can be interrupted. Memory 0 is checked by the instruction itself.
    fn bulk(&self, import: Import, locals: Locals, call: &[u8], bytes: &mut Vec<u8>) {
        let Kernel { memory, limit, .. } = self.kernel;
        let (address, offset, len) = (locals.narrow(), locals.offset(), locals.value());
        let reads = import == Import::Read;
        let mut code = InstructionSink::new(bytes);
        if reads {
            code.local_set(len).local_set(offset).local_set(address);
        } else {
            code.local_set(len).local_set(address).local_set(offset);
        }
        code.local_get(len).i64_const(self.chunk_bytes.into()).i64_le_u();
        code.local_get(offset).global_get(limit).i64_le_u().i32_and();
        code.local_get(len).global_get(limit).local_get(offset).i64_sub().i64_le_u().i32_and();
        code.if_(BlockType::Empty);
        if reads {
            code.local_get(address).local_get(offset).i32_wrap_i64().local_get(len).i32_wrap_i64();
            code.memory_copy(0, memory);
            code.else_().local_get(address).local_get(offset).local_get(len);
        } else {
            code.local_get(offset).i32_wrap_i64().local_get(address).local_get(len).i32_wrap_i64();
            code.memory_copy(memory, 0);
            code.else_().local_get(offset).local_get(address).local_get(len);
        }
        bytes.extend_from_slice(call);
        InstructionSink::new(bytes).end();
    }

    /// Writes what goes before an instruction that `helper` prepares: a call of it, when the length is more than a chunk.
    /// Without scratch locals the helper itself looks at the length.
    pub(crate) fn prepare(&self, helper: Helper, locals: Option<Locals>, bytes: &mut Vec<u8>) {
        let mut code = InstructionSink::new(bytes);
        let Some(locals) = locals else {
            code.call(helper.function);
            return;
        };
        if helper.length == ValType::I64 {
            code.local_tee(locals.offset())
                .local_get(locals.offset())
                .i64_const(self.chunk_bytes.into())
                .i64_gt_u();
        } else {
            let chunk = self.chunk_bytes.cast_signed();
            code.local_tee(locals.narrow()).local_get(locals.narrow()).i32_const(chunk).i32_gt_u();
        }
        code.if_(BlockType::FunctionType(helper.ty)).call(helper.function).end();
    }
}

/// Takes the offset from the stack and enters a block when it is below a global's value.
fn below(code: &mut InstructionSink<'_>, locals: Locals, limit: u32, block: BlockType) {
    code.local_tee(locals.offset()).global_get(limit).i64_lt_u().if_(block);
}
