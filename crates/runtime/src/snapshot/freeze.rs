//! Reading the state that start-up left.

use wasmtime::Val;
use wasmtime_wizer::{InstanceState, SnapshotVal, ValType};

use super::refusal;
use super::run::Started;
use crate::error::Result;

/// How the memories' exports begin that `wasmtime-wizer` adds.
const MEMORY_PREFIX: &str = "__wizer_memory_";

/// The most separate pieces of a memory that are not zero, since each takes space of the host while a snapshot is made.
const MAX_PIECES: usize = 2 << 20;

/// An instance whose state is copied.
pub(super) struct Frozen<'a> {
    started: &'a mut Started,
    /// The name of something that could not be read.
    unreadable: Option<String>,
}

impl<'a> Frozen<'a> {
    /// Checks that the state is not too scattered to be copied.
    pub(super) fn new(started: &'a mut Started) -> Result<Self> {
        let Started { store, instance, .. } = started;
        let names: Vec<String> = instance
            .exports(&mut *store)
            .map(|export| export.name().to_owned())
            .filter(|name| name.starts_with(MEMORY_PREFIX))
            .collect();
        let mut pieces = 0usize;
        for name in names {
            if let Some(memory) = instance.get_memory(&mut *store, &name) {
                pieces = pieces.saturating_add(count_pieces(memory.data(&*store)));
            }
        }
        if pieces > MAX_PIECES {
            let message = format!(
                "its start-up scatters what it writes over {pieces} separate places of its memory; a snapshot can hold {MAX_PIECES}"
            );
            return Err(refusal(message));
        }
        Ok(Self { started, unreadable: None })
    }

    /// Checks that everything could be read.
    pub(super) fn complete(self) -> Result<()> {
        match self.unreadable {
            Some(name) => Err(refusal(format!("a snapshot cannot hold the value of `{name}`"))),
            None => Ok(()),
        }
    }
}

/// The number of runs of bytes that are not zero.
fn count_pieces(memory: &[u8]) -> usize {
    let begins = memory.windows(2).filter(|pair| pair[0] == 0 && pair[1] != 0).count();
    begins + usize::from(memory.first().is_some_and(|byte| *byte != 0))
}

impl InstanceState for Frozen<'_> {
    async fn global_get(&mut self, name: &str, _ty: ValType) -> SnapshotVal {
        let Started { store, instance, .. } = &mut *self.started;
        let value = instance.get_global(&mut *store, name).map(|global| global.get(&mut *store));
        match value {
            Some(Val::I32(value)) => SnapshotVal::I32(value),
            Some(Val::I64(value)) => SnapshotVal::I64(value),
            Some(Val::F32(bits)) => SnapshotVal::F32(bits),
            Some(Val::F64(bits)) => SnapshotVal::F64(bits),
            Some(Val::V128(value)) => SnapshotVal::V128(value.as_u128()),
            // A variable that holds a reference has been refused before.
            _ => {
                self.unreadable.get_or_insert_with(|| name.to_owned());
                SnapshotVal::I32(0)
            }
        }
    }

    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        let Started { store, instance, .. } = &mut *self.started;
        match instance.get_memory(&mut *store, name) {
            Some(memory) => contents(memory.data(&*store)),
            None => {
                self.unreadable.get_or_insert_with(|| name.to_owned());
                contents(&[]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::count_pieces;

    #[test]
    fn pieces() {
        for (memory, pieces) in
            [(&[][..], 0), (&[0, 0], 0), (&[1, 1], 1), (&[1, 0, 2], 2), (&[0, 1, 0, 0, 2, 3, 0], 2)]
        {
            assert_eq!(count_pieces(memory), pieces, "{memory:?}");
        }
    }
}
