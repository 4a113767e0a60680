//! Function bodies: validated, and searched for what is replaced, in one go.

use std::mem;
use std::ops::Range;

use wasm_encoder::{Encode, InstructionSink, ValType};
use wasmparser::{
    BinaryReader, FuncToValidate, FuncValidatorAllocations, FunctionBody, ValidatorResources,
    WasmModuleResources,
};

use crate::Error;
use crate::chunk::{Bulk, Helper, Helpers};
use crate::edits::Edits;
use crate::import::{Import, Scratch};
use crate::inline::{Inline, Locals};
use crate::reserve::{self, Reserve};

/// The most calls that are replaced in one function, so that its code does not grow without bound: others stay calls.
const MAX_CALLS: usize = 1000;
/// The most places that are edited in a module.
const MAX_EDITS: usize = 1 << 20;
/// The most locals of a function, parameters included, and the most bytes of a body, that engines accept.
const MAX_LOCALS: u32 = 50_000;
const MAX_BODY_BYTES: usize = 7_654_321;

/// The first bytes of instructions.
const CALL: u8 = 0x10;
const MEMORY_SIZE: u8 = 0x3f;
const MEMORY_GROW: u8 = 0x40;
const I32_CONST: u8 = 0x41;
const I64_CONST: u8 = 0x42;
const PREFIX: u8 = 0xfc;
/// What follows the prefix.
const MEMORY_COPY: u32 = 0x0a;
const MEMORY_FILL: u32 = 0x0b;

/// Goes through the bodies of a module.
pub(crate) struct Bodies<'a> {
    wasm: &'a [u8],
    /// What the imported functions are, by index.
    imports: Vec<Option<Import>>,
    inline: Inline,
    helpers: Helpers,
    /// That of memory 0, if it may have one.
    reserve: Option<Reserve>,
    edits: Edits,
    /// Where the next body's size is.
    next: usize,
    allocations: FuncValidatorAllocations,
    /// Those of the current body. Kept here for its memory.
    sites: Vec<Site>,
}

/// What is to be changed in a module's code.
#[derive(Debug)]
pub(crate) struct Changes {
    pub(crate) edits: Edits,
    /// The functions that the edits need.
    pub(crate) helpers: Helpers,
    /// Whose global the edits read.
    pub(crate) reserve: Option<Reserve>,
}

/// A place in a body.
#[derive(Debug, Clone)]
struct Site {
    at: Range<usize>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// A call that is replaced.
    Call(Import),
    /// An instruction that a helper prepares.
    Bulk(Helper),
    /// `memory.size` of the memory with a reserve.
    Size(Reserve),
    /// `memory.grow` of it, which this function stands for.
    Grow(u32),
}

/// A body that has sites.
struct Body {
    /// Where its size is.
    size: Range<usize>,
    /// The body without its size.
    range: Range<usize>,
    /// Where its instructions start.
    code: usize,
    /// The number of its locals, parameters included.
    locals: u32,
    /// How many groups of locals it declares, and where that number is.
    local_groups: u32,
    local_groups_at: Range<usize>,
}

impl<'a> Bodies<'a> {
    /// For the code section whose first body is at `first`.
    pub(crate) fn new(
        wasm: &'a [u8],
        first: usize,
        imports: Vec<Option<Import>>,
        inline: Inline,
        helpers: Helpers,
        reserve: Option<Reserve>,
    ) -> Self {
        Self {
            wasm,
            imports,
            inline,
            helpers,
            reserve,
            edits: Edits::default(),
            next: first,
            allocations: FuncValidatorAllocations::default(),
            sites: Vec::new(),
        }
    }

    /// What is to be changed in all bodies.
    pub(crate) fn finish(self) -> Changes {
        Changes { edits: self.edits, helpers: self.helpers, reserve: self.reserve }
    }

    /// Validates the next body and notes its edits.
    pub(crate) fn body(
        &mut self,
        function: FuncToValidate<ValidatorResources>,
        body: &FunctionBody<'a>,
    ) -> Result<(), Error> {
        let range = body.range();
        let size = mem::replace(&mut self.next, range.end)..range.start;
        // A shared function may touch nothing that is not shared.
        let shared = function.resources.sub_type_at(function.ty).is_none_or(|ty| ty.composite_type.shared);
        let mut validator = function.into_validator(mem::take(&mut self.allocations));
        let mut reader = body.get_binary_reader();
        let (local_groups, local_groups_at) = {
            let mut reader = reader.clone();
            (reader.read_var_u32()?, range.start..reader.original_position())
        };
        validator.read_locals(&mut reader)?;
        reader.set_features(*validator.features());
        let code = reader.original_position();
        self.sites.clear();
        let mut calls = 0;
        let mut previous = code;
        while !reader.eof() {
            let start = reader.original_position();
            reader.visit_operator(&mut validator.visitor(start))??;
            let at = start..reader.original_position();
            let kind = match self.wasm[start] {
                CALL if calls < MAX_CALLS => self.call(&at)?,
                PREFIX => self.bulk(&at, previous)?,
                MEMORY_SIZE | MEMORY_GROW => self.size(&at)?,
                _ => None,
            };
            if let Some(kind) = kind.filter(|_| !shared) {
                calls += usize::from(matches!(kind, Kind::Call(_)));
                self.sites.push(Site { at, kind });
            }
            previous = start;
        }
        reader.finish_expression(&validator.visitor(reader.original_position()))?;
        let locals = validator.len_locals();
        self.allocations = validator.into_allocations();
        if self.sites.is_empty() {
            return Ok(());
        }
        self.edit(&Body { size, range, local_groups, local_groups_at, code, locals })
    }

    /// What the call at `at`, which is valid, becomes.
    fn call(&self, at: &Range<usize>) -> Result<Option<Kind>, Error> {
        let mut immediates = BinaryReader::new(&self.wasm[at.start + 1..at.end], at.start + 1);
        let function = immediates.read_var_u32()?;
        Ok(self.imports.get(function as usize).copied().flatten().map(Kind::Call))
    }

    /// What the instruction at `at` becomes, which is valid and starts with the prefix, after the one at `previous`.
    fn bulk(&mut self, at: &Range<usize>, previous: usize) -> Result<Option<Kind>, Error> {
        let mut immediates = BinaryReader::new(&self.wasm[at.start + 1..at.end], at.start + 1);
        let bulk = match immediates.read_var_u32()? {
            MEMORY_COPY => Bulk::Copy { to: immediates.read_var_u32()?, from: immediates.read_var_u32()? },
            MEMORY_FILL => Bulk::Fill { memory: immediates.read_var_u32()? },
            _ => return Ok(None),
        };
        if self.is_short_constant(previous..at.start)? {
            return Ok(None);
        }
        Ok(self.helpers.get(bulk).map(Kind::Bulk))
    }

    /// What the instruction at `at` becomes, which is valid, and tells or changes the size of a memory.
    fn size(&mut self, at: &Range<usize>) -> Result<Option<Kind>, Error> {
        let mut immediates = BinaryReader::new(&self.wasm[at.start + 1..at.end], at.start + 1);
        let memory = immediates.read_var_u32()?;
        let Some(reserve) = self.reserve.filter(|_| memory == reserve::MEMORY) else { return Ok(None) };
        if self.wasm[at.start] == MEMORY_SIZE {
            return Ok(Some(Kind::Size(reserve)));
        }
        let no_room = || Error::NoRoom { message: "there is no index for another function".to_owned() };
        self.helpers.grow(reserve).map(|function| Some(Kind::Grow(function))).ok_or_else(no_room)
    }

    /// Whether the instruction at `at` is a constant length of at most a chunk. It is what the next instruction takes from
    /// the stack first.
    fn is_short_constant(&self, at: Range<usize>) -> Result<bool, Error> {
        let mut reader = BinaryReader::new(&self.wasm[at.clone()], at.start);
        if reader.eof() {
            return Ok(false);
        }
        let length = match reader.read_u8()? {
            I32_CONST => u64::from(reader.read_var_i32()?.cast_unsigned()),
            I64_CONST => reader.read_var_i64()?.cast_unsigned(),
            _ => return Ok(false),
        };
        Ok(length <= self.inline.chunk_bytes.into())
    }

    /// Notes the edits of a body. Calls stay calls where there is no room for more.
    fn edit(&mut self, body: &Body) -> Result<(), Error> {
        let start = self.edits.mark();
        let may_have_locals = body.locals <= MAX_LOCALS - Scratch::MAX;
        let few_edits = self.edits.len() + self.sites.len() <= MAX_EDITS;
        if may_have_locals && few_edits && self.write(body, true) <= MAX_BODY_BYTES {
            return Ok(());
        }
        self.edits.undo(start);
        self.sites.retain(|site| !matches!(site.kind, Kind::Call(_)));
        if self.sites.is_empty() {
            return Ok(());
        }
        let edits = self.edits.len() + self.sites.len();
        if edits > MAX_EDITS {
            return Err(Error::TooLarge { what: "memory instructions", size: edits, max: MAX_EDITS });
        }
        let size = self.write(body, may_have_locals);
        if size > MAX_BODY_BYTES {
            return Err(Error::TooLarge { what: "bytes in one function", size, max: MAX_BODY_BYTES });
        }
        Ok(())
    }

    /// Writes the edits of a body, and returns its size after them. Without scratch locals there may be no calls among the
    /// sites.
    fn write(&mut self, body: &Body, scratch_locals: bool) -> usize {
        let framing = self.edits.begin(body.size.clone());
        let mut size = body.range.len();
        let mut edit = |at: Range<usize>, write: &dyn Fn(&mut Vec<u8>)| {
            size -= at.len();
            size += self.edits.replace(at, write);
        };
        let scratch = self.sites.iter().fold(Scratch::default(), |most, site| most.max(site.kind.scratch()));
        if scratch_locals {
            let groups = [(scratch.wide, ValType::I64), (scratch.narrow, ValType::I32)];
            let groups = groups.iter().filter(|(count, _)| *count > 0);
            edit(body.local_groups_at.clone(), &|bytes| {
                (body.local_groups as usize + groups.clone().count()).encode(bytes);
            });
            edit(body.code..body.code, &|bytes| {
                for (count, ty) in groups.clone() {
                    count.encode(bytes);
                    ty.encode(bytes);
                }
            });
        }
        let locals = Locals::new(body.locals, scratch);
        for site in &self.sites {
            match site.kind {
                Kind::Call(import) => edit(site.at.clone(), &|bytes| {
                    self.inline.import(import, locals, &self.wasm[site.at.clone()], bytes);
                }),
                Kind::Bulk(helper) => edit(site.at.start..site.at.start, &|bytes| {
                    self.inline.prepare(helper, scratch_locals.then_some(locals), bytes);
                }),
                Kind::Size(reserve) => edit(site.at.clone(), &|bytes| reserve.size(bytes)),
                Kind::Grow(function) => edit(site.at.clone(), &|bytes| {
                    InstructionSink::new(bytes).call(function);
                }),
            }
        }
        self.edits.complete(framing, |bytes| size.encode(bytes));
        size
    }
}

impl Kind {
    fn scratch(self) -> Scratch {
        match self {
            Self::Call(import) => import.scratch(),
            Self::Bulk(Helper { length: ValType::I64, .. }) => Scratch { wide: 1, narrow: 0 },
            Self::Bulk(_) => Scratch { wide: 0, narrow: 1 },
            Self::Size(_) | Self::Grow(_) => Scratch::default(),
        }
    }
}
