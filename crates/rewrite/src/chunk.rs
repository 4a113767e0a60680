//! `memory.fill` and `memory.copy` in chunks.
//!
//! One instruction on gigabytes runs for seconds, and engines do not interrupt it. So before a long one, a function that is
//! added to the module does the work in chunks, in a loop, except for a rest that it leaves to the instruction itself. It
//! touches nothing when the instruction is to trap, which therefore traps as ever, where it is.

use std::collections::HashMap;

use wasm_encoder::{BlockType, Encode, InstructionSink, SectionId, ValType};
use wasmparser::MemoryType;

use crate::reserve::Reserve;
use crate::section::Added;

/// An instruction on a memory, or on two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Bulk {
    /// `memory.fill`: (destination, byte, length).
    Fill { memory: u32 },
    /// `memory.copy`: (destination, source, length).
    Copy { to: u32, from: u32 },
}

/// A function that prepares a [`Bulk`]: it takes the instruction's operands and returns those of the rest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Helper {
    pub(crate) function: u32,
    /// The function's type.
    pub(crate) ty: u32,
    /// The type of the length.
    pub(crate) length: ValType,
}

/// The helpers that a module needs.
#[derive(Debug)]
pub(crate) struct Helpers {
    memories: Vec<MemoryType>,
    first_function: u32,
    first_type: u32,
    chunk_bytes: u32,
    known: HashMap<Bulk, Option<Helper>>,
    /// The function that stands for `memory.grow` of a memory with a reserve.
    grow: Option<u32>,
    /// The operands of each added type, whose results are the same.
    types: Vec<Vec<ValType>>,
    functions: Added,
    code: Added,
}

impl Helpers {
    /// None yet, for a module with these `memories` and so many `functions` and `types`.
    pub(crate) fn new(memories: Vec<MemoryType>, functions: u32, types: u32, chunk_bytes: u32) -> Self {
        Self {
            memories,
            first_function: functions,
            first_type: types,
            chunk_bytes,
            known: HashMap::new(),
            grow: None,
            types: Vec::new(),
            functions: Added::new(SectionId::Function),
            code: Added::new(SectionId::Code),
        }
    }

    /// The helper for `bulk`, or nothing if it can never be long: the memory is small then. Shared memories are left
    /// alone.
    pub(crate) fn get(&mut self, bulk: Bulk) -> Option<Helper> {
        if let Some(known) = self.known.get(&bulk) {
            return *known;
        }
        let helper = self.make(bulk);
        self.known.insert(bulk, helper);
        helper
    }

    /// The function that stands for `memory.grow`; nothing when there is no index left for it.
    pub(crate) fn grow(&mut self, reserve: Reserve) -> Option<u32> {
        if self.grow.is_none() {
            self.grow = self.add(&[ValType::I32], |bytes| reserve.grow(bytes)).map(|(function, _)| function);
        }
        self.grow
    }

    /// Whether something asks for more memory by [`grow`](Self::grow).
    pub(crate) fn has_grow(&self) -> bool {
        self.grow.is_some()
    }

    /// The entries for the module's type, function and code sections.
    pub(crate) fn sections(self) -> [Added; 3] {
        let mut types = Added::new(SectionId::Type);
        for operands in self.types {
            types.entry(|bytes| {
                bytes.push(0x60);
                operands.encode(bytes);
                operands.encode(bytes);
            });
        }
        [types, self.functions, self.code]
    }

    fn make(&mut self, bulk: Bulk) -> Option<Helper> {
        let (to, from) = match bulk {
            Bulk::Fill { memory } => (self.memory(memory)?, None),
            Bulk::Copy { to, from } => (self.memory(to)?, Some(self.memory(from)?)),
        };
        let operands = match from {
            None => [to.index, ValType::I32, to.index],
            Some(from) => {
                let both_wide = to.index == ValType::I64 && from.index == ValType::I64;
                [to.index, from.index, if both_wide { ValType::I64 } else { ValType::I32 }]
            }
        };
        let body = Body { bulk, to, from, operands, chunk_bytes: self.chunk_bytes };
        let (function, ty) = self.add(&operands, |bytes| body.write(bytes))?;
        Some(Helper { function, ty, length: operands[2] })
    }

    /// Adds a function that returns as many values of the same types as it takes. Its index, and that of its type.
    fn add(&mut self, operands: &[ValType], write: impl FnOnce(&mut Vec<u8>)) -> Option<(u32, u32)> {
        let ty = self.types.iter().position(|known| known == operands).unwrap_or_else(|| {
            self.types.push(operands.to_vec());
            self.types.len() - 1
        });
        let ty = self.first_type.checked_add(u32::try_from(ty).ok()?)?;
        let function = self.first_function.checked_add(self.functions.count())?;
        self.functions.entry(|bytes| ty.encode(bytes));
        let mut body = Vec::new();
        write(&mut body);
        self.code.entry(|bytes| body.encode(bytes));
        Some((function, ty))
    }

    /// A memory that is worth a helper.
    fn memory(&self, index: u32) -> Option<Memory> {
        let ty = self.memories.get(usize::try_from(index).ok()?)?;
        let page_size_log2 = ty.page_size_log2.unwrap_or(16);
        let max_pages = u64::from(self.chunk_bytes) >> page_size_log2;
        if ty.shared || ty.maximum.is_some_and(|maximum| maximum <= max_pages) {
            return None;
        }
        Some(Memory {
            number: index,
            index: if ty.memory64 { ValType::I64 } else { ValType::I32 },
            page_size_log2: page_size_log2.into(),
        })
    }
}

#[derive(Debug, Clone, Copy)]
struct Memory {
    number: u32,
    /// The type of addresses.
    index: ValType,
    page_size_log2: i64,
}

/// The body of a helper.
struct Body {
    bulk: Bulk,
    to: Memory,
    from: Option<Memory>,
    operands: [ValType; 3],
    chunk_bytes: u32,
}

// The parameters, as they came and as they are returned.
const TO: u32 = 0;
const FROM_OR_BYTE: u32 = 1;
const LENGTH: u32 = 2;
// The same as 64-bit numbers, and the size of a memory.
const TO64: u32 = 3;
const FROM64: u32 = 4;
const LENGTH64: u32 = 5;
const SIZE: u32 = 6;

impl Body {
    fn write(&self, bytes: &mut Vec<u8>) {
        // One group of locals.
        1_u32.encode(bytes);
        4_u32.encode(bytes);
        ValType::I64.encode(bytes);
        let mut code = InstructionSink::new(bytes);
        self.widen(&mut code, TO, TO64);
        self.widen(&mut code, LENGTH, LENGTH64);
        if self.from.is_some() {
            self.widen(&mut code, FROM_OR_BYTE, FROM64);
        }
        code.block(BlockType::Empty);
        self.leave_when_short(&mut code);
        leave_when_outside(&mut code, self.to, TO64);
        if let Some(from) = self.from {
            leave_when_outside(&mut code, from, FROM64);
            // Upwards, a copy to a higher address would overwrite what is still to be copied. That two memories have
            // different indices does not make them different ones.
            code.local_get(TO64).local_get(FROM64).i64_gt_u().if_(BlockType::Empty);
            self.downwards(&mut code);
            code.else_();
            self.upwards(&mut code);
            code.end();
        } else {
            self.upwards(&mut code);
        }
        code.end();
        self.narrowed(&mut code, TO, TO64);
        if self.from.is_some() {
            self.narrowed(&mut code, FROM_OR_BYTE, FROM64);
        } else {
            code.local_get(FROM_OR_BYTE);
        }
        self.narrowed(&mut code, LENGTH, LENGTH64);
        code.end();
    }

    /// From the start on: what is left is the end of the range.
    fn upwards(&self, code: &mut InstructionSink<'_>) {
        let chunk = i64::from(self.chunk_bytes);
        code.loop_(BlockType::Empty);
        self.narrowed(code, TO, TO64);
        if self.from.is_some() {
            self.narrowed(code, FROM_OR_BYTE, FROM64);
            code.local_get(FROM64).i64_const(chunk).i64_add().local_set(FROM64);
        } else {
            code.local_get(FROM_OR_BYTE);
        }
        self.instruction(code);
        code.local_get(TO64).i64_const(chunk).i64_add().local_set(TO64);
        code.local_get(LENGTH64).i64_const(chunk).i64_sub().local_tee(LENGTH64);
        code.i64_const(chunk).i64_gt_u().br_if(0).end();
    }

    /// From the end on: what is left is the start of the range.
    fn downwards(&self, code: &mut InstructionSink<'_>) {
        let chunk = i64::from(self.chunk_bytes);
        code.loop_(BlockType::Empty);
        code.local_get(LENGTH64).i64_const(chunk).i64_sub().local_set(LENGTH64);
        for (operand, start) in [(TO, TO64), (FROM_OR_BYTE, FROM64)] {
            code.local_get(start).local_get(LENGTH64).i64_add();
            self.narrow(code, operand);
        }
        self.instruction(code);
        code.local_get(LENGTH64).i64_const(chunk).i64_gt_u().br_if(0).end();
    }

    /// The instruction on one chunk, whose other operands are on the stack.
    fn instruction(&self, code: &mut InstructionSink<'_>) {
        code.i64_const(self.chunk_bytes.into());
        self.narrow(code, LENGTH);
        match self.bulk {
            Bulk::Fill { memory } => code.memory_fill(memory),
            Bulk::Copy { to, from } => code.memory_copy(to, from),
        };
    }

    fn leave_when_short(&self, code: &mut InstructionSink<'_>) {
        code.local_get(LENGTH64).i64_const(self.chunk_bytes.into()).i64_le_u().br_if(0);
    }

    /// Sets a local to a parameter's value.
    fn widen(&self, code: &mut InstructionSink<'_>, parameter: u32, local: u32) {
        code.local_get(parameter);
        if self.ty(parameter) == ValType::I32 {
            code.i64_extend_i32_u();
        }
        code.local_set(local);
    }

    /// Puts a local's value on the stack with a parameter's type.
    fn narrowed(&self, code: &mut InstructionSink<'_>, parameter: u32, local: u32) {
        code.local_get(local);
        self.narrow(code, parameter);
    }

    /// Gives the value on the stack a parameter's type.
    fn narrow(&self, code: &mut InstructionSink<'_>, parameter: u32) {
        if self.ty(parameter) == ValType::I32 {
            code.i32_wrap_i64();
        }
    }

    fn ty(&self, parameter: u32) -> ValType {
        self.operands[parameter as usize]
    }
}

/// Leaves the block unless the whole range from `start` on is in the memory.
fn leave_when_outside(code: &mut InstructionSink<'_>, memory: Memory, start: u32) {
    code.memory_size(memory.number);
    if memory.index == ValType::I32 {
        code.i64_extend_i32_u();
    }
    // A memory of 2^64 bytes would count as empty, and the instruction would be executed as it is.
    code.i64_const(memory.page_size_log2).i64_shl().local_tee(SIZE);
    code.local_get(start).i64_lt_u().br_if(0);
    code.local_get(LENGTH64).local_get(SIZE).local_get(start).i64_sub().i64_gt_u().br_if(0);
}
