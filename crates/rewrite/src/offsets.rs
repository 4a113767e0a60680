use wasm_encoder::Encode;
use wasmparser::BinaryReader;

use crate::Error;

/// The first byte of [`OffsetMap::to_bytes`], which a change of the format changes.
const VERSION: u8 = 1;

/// Where the code of a rewritten module was in the original.
///
/// All offsets are in bytes from the start of the module, the original's or the rewritten one's. Only code is mapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetMap {
    code_start: u32,
    /// In ascending order of `start`.
    runs: Vec<Run>,
}

/// Code of the rewritten module, up to the next run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    start: u32,
    origin: Origin,
}

/// Where code comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A copy of the original's from this offset on.
    Copied(u32),
    /// What stands for, or goes with, the original's instruction at this offset.
    Replaced(u32),
    /// Nothing that the original had.
    Added,
}

impl OffsetMap {
    /// A map for a module whose code section's contents start at `code_start`.
    pub(crate) fn new(code_start: u32) -> Self {
        Self { code_start, runs: Vec::new() }
    }

    /// From `start` on, which follows all earlier starts, code is from `origin`.
    pub(crate) fn push(&mut self, start: u32, origin: Origin) {
        self.runs.push(Run { start, origin });
    }

    /// Where the contents of the original's code section start (its size comes before), which addresses in DWARF are
    /// relative to. `0` when the original has no code.
    #[must_use]
    pub fn code_start(&self) -> u64 {
        self.code_start.into()
    }

    /// Where the original had what is at `offset` of the rewritten module.
    ///
    /// An offset inside instructions that replace a call is that of the call. `None` for what is not code of the
    /// original: functions that the rewrite added, or other sections.
    #[must_use]
    pub fn original(&self, offset: u64) -> Option<u64> {
        let offset = u32::try_from(offset).ok()?;
        let after = self.runs.partition_point(|run| run.start <= offset);
        let run = self.runs.get(after.checked_sub(1)?)?;
        match run.origin {
            Origin::Copied(start) => start.checked_add(offset - run.start).map(u64::from),
            Origin::Replaced(at) => Some(at.into()),
            Origin::Added => None,
        }
    }

    /// The map in a compact form, a few bytes for each replaced call.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        self.code_start.encode(&mut bytes);
        self.runs.len().encode(&mut bytes);
        let (mut start, mut original) = (0, 0);
        for run in &self.runs {
            (run.start - start).encode(&mut bytes);
            start = run.start;
            let (tag, at) = match run.origin {
                Origin::Copied(at) => (0, at),
                Origin::Replaced(at) => (1, at),
                Origin::Added => (2, original),
            };
            bytes.push(tag);
            (at - original).encode(&mut bytes);
            original = at;
        }
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    ///
    /// [`Error::OffsetMap`] for any other bytes, as far as that can be told: what is accepted is a map, but not
    /// necessarily that of your module.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = BinaryReader::new(bytes, 0);
        Self::read(&mut reader).ok_or(Error::OffsetMap)
    }

    fn read(reader: &mut BinaryReader<'_>) -> Option<Self> {
        if reader.read_u8().ok()? != VERSION {
            return None;
        }
        let code_start = reader.read_var_u32().ok()?;
        let count = reader.read_var_u32().ok()?;
        let (mut start, mut original) = (0_u32, 0_u32);
        let mut runs = Vec::new();
        // Not reserved in advance: bytes that lie about the count end before memory does.
        for _ in 0..count {
            start = start.checked_add(reader.read_var_u32().ok()?)?;
            let tag = reader.read_u8().ok()?;
            original = original.checked_add(reader.read_var_u32().ok()?)?;
            let origin = match tag {
                0 => Origin::Copied(original),
                1 => Origin::Replaced(original),
                2 => Origin::Added,
                _ => return None,
            };
            runs.push(Run { start, origin });
        }
        reader.eof().then_some(Self { code_start, runs })
    }
}
