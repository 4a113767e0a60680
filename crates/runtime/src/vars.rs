//! The variables of a plug-in: bytes under keys, which live as long as the plug-in.

use std::collections::HashMap;

use crate::error::{Error, ErrorKind, Result};

/// The most variables that a plug-in may have, whatever their size.
const MAX_VARS: usize = 1 << 16;

/// Variables with a limit on the sum of the bytes of their keys and values.
#[derive(Debug)]
pub(crate) struct Vars {
    values: HashMap<Box<[u8]>, Box<[u8]>>,
    bytes: u64,
    max_bytes: u64,
}

impl Vars {
    pub(crate) fn new(max_bytes: u64) -> Self {
        Self { values: HashMap::new(), bytes: 0, max_bytes }
    }

    pub(crate) fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.values.get(key).map(AsRef::as_ref)
    }

    pub(crate) fn remove(&mut self, key: &[u8]) {
        if let Some(old) = self.values.remove(key) {
            self.bytes -= (key.len() + old.len()) as u64;
        }
    }

    /// Sets a variable.
    ///
    /// # Errors
    ///
    /// `Limit` when the variables would be too large or too many; nothing has changed then.
    pub(crate) fn set(&mut self, key: Vec<u8>, value: Vec<u8>) -> Result<()> {
        self.bytes = self.check(&key, value.len() as u64)?;
        self.values.insert(key.into(), value.into());
        Ok(())
    }

    /// The bytes that the variables would take with a value of `len` bytes under `key`. Errors like [`set`](Self::set).
    pub(crate) fn check(&self, key: &[u8], len: u64) -> Result<u64> {
        if self.max_bytes == 0 {
            return Err(Error::new(
                ErrorKind::Limit,
                "the plug-in sets a variable, but variables are turned off (`memory.max_var_bytes` is 0)",
            ));
        }
        let old = self.get(key).map_or(0, |old| (key.len() + old.len()) as u64);
        let bytes = (self.bytes - old).saturating_add(key.len() as u64).saturating_add(len);
        if bytes > self.max_bytes {
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "the plug-in's variables would take {bytes} bytes, more than `memory.max_var_bytes` ({}) allows",
                    self.max_bytes
                ),
            ));
        }
        if old == 0 && self.values.len() >= MAX_VARS && !self.values.contains_key(key) {
            return Err(Error::new(
                ErrorKind::Limit,
                format!("the plug-in has more than {MAX_VARS} variables"),
            ));
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::Vars;
    use crate::ErrorKind;

    #[test]
    fn a_refused_variable_changes_nothing() {
        let mut vars = Vars::new(8);
        vars.set(b"a".to_vec(), b"1234".to_vec()).unwrap();
        let error = vars.set(b"b".to_vec(), b"1234".to_vec()).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Limit);
        assert_eq!(vars.get(b"b"), None);
        assert_eq!(vars.get(b"a"), Some(&b"1234"[..]));
    }

    #[test]
    fn replacing_and_removing_give_the_bytes_back() {
        let mut vars = Vars::new(8);
        vars.set(b"a".to_vec(), b"1234567".to_vec()).unwrap();
        vars.set(b"a".to_vec(), b"7654321".to_vec()).unwrap();
        vars.remove(b"a");
        vars.remove(b"a");
        vars.set(b"bb".to_vec(), b"123456".to_vec()).unwrap();
        assert_eq!(vars.get(b"bb"), Some(&b"123456"[..]));
    }

    #[test]
    fn a_limit_of_zero_turns_variables_off() {
        assert!(Vars::new(0).set(Vec::new(), Vec::new()).is_err());
    }
}
