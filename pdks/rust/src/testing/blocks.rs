//! The mock's kernel memory: blocks that remember what became of them.

use std::collections::BTreeMap;

use super::error::Error;

/// Blocks start at multiples of this many bytes; what is below the first one is null.
const ALIGNMENT: u64 = 16;

/// As many blocks as a host keeps alive at a time.
const MAX_BLOCKS: usize = 1 << 20;

/// What new blocks hold: a plug-in must not count on zeros.
const JUNK: u8 = 0xA5;

/// Kernel memory. An offset is never used twice, so whatever is done with a block that is gone can be told.
#[derive(Debug)]
pub(crate) struct Blocks {
    /// The blocks of this call, by offset.
    blocks: BTreeMap<u64, Block>,
    /// Where the next block goes, and where memory ends.
    top: u64,
    /// Where this call's blocks begin.
    floor: u64,
    live: usize,
    live_bytes: u64,
    /// The most bytes that may be alive at a time.
    pub(super) max_bytes: u64,
}

#[derive(Debug)]
struct Block {
    length: u64,
    /// Empty once the block is gone.
    bytes: Vec<u8>,
    fate: Fate,
}

#[derive(Debug, Clone, Copy)]
enum Fate {
    Live,
    Freed,
    /// The host took it, by this function.
    Taken(&'static str),
}

impl Blocks {
    pub(super) fn new(max_bytes: u64) -> Self {
        Self { blocks: BTreeMap::new(), top: ALIGNMENT, floor: ALIGNMENT, live: 0, live_bytes: 0, max_bytes }
    }

    /// Frees everything, as at the beginning of a call.
    pub(super) fn begin(&mut self) {
        self.blocks.clear();
        self.floor = self.top;
        self.live = 0;
        self.live_bytes = 0;
    }

    /// A new block; 0 when it would be empty or there is no room.
    pub(crate) fn alloc(&mut self, length: u64) -> u64 {
        let fits = self.live < MAX_BLOCKS && length <= self.max_bytes.saturating_sub(self.live_bytes);
        match usize::try_from(length) {
            Ok(length) if length > 0 && fits => self.insert(vec![JUNK; length]),
            _ => 0,
        }
    }

    /// A new block with these bytes, whatever the limits; 0 when there are none.
    pub(super) fn insert(&mut self, bytes: Vec<u8>) -> u64 {
        if bytes.is_empty() {
            return 0;
        }
        let offset = self.top;
        let length = bytes.len() as u64;
        self.live += 1;
        self.live_bytes += length;
        self.top = (offset + length).next_multiple_of(ALIGNMENT);
        self.blocks.insert(offset, Block { length, bytes, fate: Fate::Live });
        offset
    }

    /// Frees a block; unknown offsets and blocks that are free already are ignored.
    pub(super) fn free(&mut self, offset: u64) -> Result<(), Error> {
        match self.blocks.get(&offset).map(|block| block.fate) {
            Some(Fate::Live) => self.retire(offset, Fate::Freed),
            Some(Fate::Taken(_)) => return Err(self.problem("free", offset)),
            None if self.is_of_an_earlier_call(offset) => return Err(self.problem("free", offset)),
            Some(Fate::Freed) | None => {}
        }
        Ok(())
    }

    /// The length of the live block that starts here, else 0.
    pub(crate) fn length(&self, offset: u64) -> u64 {
        match self.blocks.get(&offset) {
            Some(Block { length, fate: Fate::Live, .. }) => *length,
            _ => 0,
        }
    }

    /// The bytes of a block that is passed to `function`; none for null.
    pub(super) fn block(&self, function: &str, offset: u64) -> Result<&[u8], Error> {
        match self.blocks.get(&offset) {
            Some(Block { bytes, fate: Fate::Live, .. }) => Ok(bytes),
            _ if offset == 0 => Ok(&[]),
            _ => Err(self.problem(function, offset)),
        }
    }

    /// The same, and the block is the host's from now on.
    pub(super) fn take(&mut self, function: &'static str, offset: u64) -> Result<Vec<u8>, Error> {
        let bytes = self.block(function, offset)?.to_vec();
        self.retire(offset, Fate::Taken(function));
        Ok(bytes)
    }

    fn retire(&mut self, offset: u64, fate: Fate) {
        if let Some(block) = self.blocks.get_mut(&offset) {
            self.live -= 1;
            self.live_bytes -= block.length;
            block.bytes = Vec::new();
            block.fate = fate;
        }
    }

    /// Whether a range lies inside kernel memory.
    pub(super) fn contains(&self, offset: u64, length: u64) -> bool {
        offset.checked_add(length).is_some_and(|end| end <= self.top)
    }

    /// Reads for `function`. Returns false, and reads nothing, when the range leaves kernel memory.
    pub(super) fn read(&self, function: &str, offset: u64, to: &mut [u8]) -> Result<bool, Error> {
        let length = to.len() as u64;
        if length == 0 || !self.contains(offset, length) {
            return Ok(length == 0);
        }
        if offset < self.floor {
            return Err(self.problem(function, offset));
        }
        to.fill(JUNK);
        let end = offset + length;
        for (&start, block) in self.blocks.range(..end).rev() {
            let block_end = start + block.length;
            if block_end <= offset {
                break;
            }
            if !matches!(block.fate, Fate::Live) {
                return Err(self.problem(function, start));
            }
            let (from, until) = (offset.max(start), end.min(block_end));
            to[(from - offset) as usize..(until - offset) as usize]
                .copy_from_slice(&block.bytes[(from - start) as usize..(until - start) as usize]);
        }
        Ok(true)
    }

    /// Writes for `function`, inside one live block.
    pub(crate) fn write(&mut self, function: &str, offset: u64, from: &[u8]) -> Result<(), Error> {
        if from.is_empty() {
            return Ok(());
        }
        let target = self.blocks.range_mut(..=offset).next_back().and_then(|(start, block)| {
            let begin = usize::try_from(offset - start).ok()?;
            match block.fate {
                Fate::Live => block.bytes.get_mut(begin..begin.checked_add(from.len())?),
                Fate::Freed | Fate::Taken(_) => None,
            }
        });
        match target {
            Some(target) => target.copy_from_slice(from),
            None => return Err(self.misplaced(function, offset, from.len())),
        }
        Ok(())
    }

    fn is_of_an_earlier_call(&self, offset: u64) -> bool {
        (ALIGNMENT..self.floor).contains(&offset)
    }

    /// Why a write did not happen.
    fn misplaced(&self, function: &str, offset: u64, length: usize) -> Error {
        match self.around(offset) {
            Some((start, Block { length: room, fate: Fate::Live, .. })) => Error::contract(format!(
                "`{function}` writes {length} bytes at offset {offset}, beyond the end of the block at {start}, which has {room}: write only into blocks of your own"
            )),
            Some((start, _)) => self.problem(function, start),
            None => self.problem(function, offset),
        }
    }

    /// The last block that starts at or before an offset, if the offset is not far behind it.
    fn around(&self, offset: u64) -> Option<(u64, &Block)> {
        let (&start, block) = self.blocks.range(..=offset).next_back()?;
        let end = (start + block.length).next_multiple_of(ALIGNMENT);
        (offset < end).then_some((start, block))
    }

    /// Why there is no live block at an offset.
    fn problem(&self, function: &str, offset: u64) -> Error {
        Error::contract(match (self.blocks.get(&offset).map(|block| block.fate), self.around(offset)) {
            _ if offset < ALIGNMENT => format!(
                "`{function}` uses offset {offset}, which is null and no block: `alloc` returns 0 when there is no room, and an empty value has no block"
            ),
            _ if self.is_of_an_earlier_call(offset) => format!(
                "`{function}` uses the block at {offset}, which is of an earlier call: blocks live until the next call begins; keep bytes in variables or in the plug-in's own memory"
            ),
            (Some(Fate::Freed), _) => {
                format!(
                    "`{function}` uses the block at {offset}, which was freed: other hosts use it again at once"
                )
            }
            (Some(Fate::Taken(by)), _) => format!(
                "`{function}` uses the block at {offset}, which `{by}` took: do not touch a block after you gave it away, other hosts use it again at once"
            ),
            (_, Some((start, _))) if start != offset => {
                format!(
                    "`{function}` uses offset {offset}, which lies inside the block at {start}: pass the offset at which the block starts"
                )
            }
            _ => format!("`{function}` uses offset {offset}, at which no block starts"),
        })
    }
}
