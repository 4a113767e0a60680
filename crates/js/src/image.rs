//! What an instance's memory held at the end of the build, as data segments of the plug-in.

use wasm_encoder::{ConstExpr, DataSection};

const PAGE: usize = 1 << 16;

/// So many zeros in a row, or more, are left out: a segment of its own costs about ten bytes, and time when an instance is made.
const GAP: usize = 64;

/// The contents of a memory.
pub(crate) struct Image {
    memory: Vec<u8>,
    /// The runs of bytes that are not all zero.
    segments: Vec<std::ops::Range<usize>>,
}

impl Image {
    /// `memory` is all of it; below `stack` is nothing but the stack, on which nobody is.
    pub(crate) fn new(mut memory: Vec<u8>, stack: usize) -> Self {
        let stack = stack.min(memory.len());
        memory[..stack].fill(0);
        let mut segments: Vec<std::ops::Range<usize>> = Vec::new();
        for (word, bytes) in memory.chunks(8).enumerate() {
            let Some(first) = bytes.iter().position(|byte| *byte != 0) else { continue };
            let last = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(first);
            let (start, end) = (word * 8 + first, word * 8 + last + 1);
            match segments.last_mut() {
                Some(segment) if start - segment.end < GAP => segment.end = end,
                _ => segments.push(start..end),
            }
        }
        Self { memory, segments }
    }

    pub(crate) fn pages(&self) -> u64 {
        (self.memory.len() / PAGE) as u64
    }

    pub(crate) fn segments(&self) -> &[std::ops::Range<usize>] {
        &self.segments
    }

    /// Writes the segments.
    pub(crate) fn write(&self, data: &mut DataSection) {
        for segment in &self.segments {
            // A memory has at most 2^32 bytes, and addresses no sign.
            let address = ConstExpr::i32_const((segment.start as u32).cast_signed());
            data.active(0, &address, self.memory[segment.clone()].iter().copied());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Image, PAGE};

    #[test]
    fn zeros_are_left_out() {
        let mut memory = vec![0; 2 * PAGE];
        for at in [10, 1000, 1001, 1060, 1200, 2 * PAGE - 1] {
            memory[at] = 1;
        }
        let image = Image::new(memory, 100);
        assert_eq!(image.pages(), 2);
        assert_eq!(image.segments(), [1000..1061, 1200..1201, 2 * PAGE - 1..2 * PAGE]);
        assert!(Image::new(vec![0; PAGE], usize::MAX).segments().is_empty());
    }
}
