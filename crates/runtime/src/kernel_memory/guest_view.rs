//! What a rewritten guest reads of its kernel memory's state: globals that the host writes.

use wasmtime::{AsContext, AsContextMut, Global, Mutability, Val};

use super::Span;
use crate::error::{Error, ErrorKind, Result};

/// Globals of a rewritten guest, which its loads and stores are checked against. Its author's code cannot name them; and
/// whatever their values, an access beyond the memory traps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Globals {
    /// The bytes that the guest may touch.
    pub(crate) limit: Global,
    /// The first offset at which 8 bytes no longer fit below the limit.
    pub(crate) limit8: Global,
    pub(crate) input_offset: Global,
    pub(crate) input_length: Global,
    /// Like `limit8`, for the input.
    pub(crate) input_limit8: Global,
}

/// The globals and what they hold, so that they are written only when that changes.
#[derive(Debug)]
pub(crate) struct GuestView {
    globals: Globals,
    limit: u64,
    input: Span,
}

impl GuestView {
    /// The view of a new instance, whose globals are all 0.
    ///
    /// # Errors
    ///
    /// `Incompatible` when the globals are not mutable 64-bit integers, as a rewritten module has them.
    pub(crate) fn new(globals: Globals, store: impl AsContext) -> Result<Self> {
        let Globals { limit, limit8, input_offset, input_length, input_limit8 } = &globals;
        for global in [limit, limit8, input_offset, input_length, input_limit8] {
            let ty = global.ty(&store);
            if !ty.content().is_i64() || ty.mutability() != Mutability::Var {
                return Err(Error::new(
                    ErrorKind::Incompatible,
                    "the module was rewritten by another version; compile it again",
                ));
            }
        }
        Ok(Self { globals, limit: 0, input: Span::default() })
    }

    /// Whether the guest sees this already.
    pub(super) fn shows(&self, limit: u64, input: Span) -> bool {
        self.limit == limit && self.input == input
    }

    /// Notes what the guest is to see, and returns what must be written for that.
    pub(super) fn change(&mut self, limit: u64, input: Span) -> Changes {
        let Globals { limit: limit_global, limit8, input_offset, input_length, input_limit8 } = self.globals;
        let new_limit = self.limit != limit;
        let new_offset = self.input.offset != input.offset;
        let new_length = self.input.len != input.len;
        (self.limit, self.input) = (limit, input);
        Changes([
            new_limit.then_some((limit_global, limit)),
            new_limit.then_some((limit8, first_without_room(limit))),
            new_offset.then_some((input_offset, input.offset)),
            new_length.then_some((input_length, input.len)),
            new_length.then_some((input_limit8, first_without_room(input.len))),
        ])
    }
}

/// Globals and their new values.
pub(super) struct Changes([Option<(Global, u64)>; 5]);

impl Changes {
    pub(super) fn write(self, mut store: impl AsContextMut) {
        for (global, value) in self.0.into_iter().flatten() {
            let written = global.set(&mut store, Val::I64(value as i64));
            debug_assert!(written.is_ok(), "`GuestView::new` looked at the types");
        }
    }
}

/// The first index at which 8 bytes do not fit below `end`.
fn first_without_room(end: u64) -> u64 {
    end.saturating_sub(7)
}
