//! The plug-in's variables, with a host's limits.

use std::collections::BTreeMap;

use super::error::{Error, ErrorKind};

/// As many variables as a host keeps.
const MAX_VARS: usize = 1 << 16;

/// Variables by key; both are bytes.
#[derive(Debug)]
pub(super) struct Vars {
    values: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Bytes of all keys and values together; 0 turns variables off.
    pub(super) max_bytes: u64,
}

impl Vars {
    pub(super) fn new(max_bytes: u64) -> Self {
        Self { values: BTreeMap::new(), max_bytes }
    }

    pub(super) fn get(&self, key: &[u8]) -> Option<&Vec<u8>> {
        self.values.get(key)
    }

    pub(super) fn remove(&mut self, key: &[u8]) {
        self.values.remove(key);
    }

    /// Sets a variable, or changes nothing when it does not fit.
    pub(super) fn set(&mut self, key: Vec<u8>, value: Vec<u8>) -> Result<(), Error> {
        let name = String::from_utf8_lossy(&key);
        let limit = |message| Err(Error::new(ErrorKind::Limit, message));
        if self.max_bytes == 0 {
            return limit(format!(
                "cannot set the variable `{name}`: `max_var_bytes` is 0, which turns variables off"
            ));
        }
        let size = |key: &[u8], value: &[u8]| (key.len() + value.len()) as u64;
        let others = self.values.iter().filter(|(other, _)| **other != key);
        let (count, used) =
            others.fold((0, 0), |(count, used), (key, value)| (count + 1, used + size(key, value)));
        if used + size(&key, &value) > self.max_bytes {
            return limit(format!(
                "the variable `{name}` has {} bytes, key included, and others have {used}: more than the {} of `max_var_bytes`",
                size(&key, &value),
                self.max_bytes
            ));
        }
        if count >= MAX_VARS {
            return limit(format!("cannot set the variable `{name}`: a plug-in has at most {MAX_VARS}"));
        }
        self.values.insert(key, value);
        Ok(())
    }
}
