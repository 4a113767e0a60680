//! The file format of compiled plug-ins: the compiled modules of a plug-in, one after the other.
//!
//! `PLUGWRGT`, the length of a header (8 bytes, little-endian), the header in JSON, the modules. The header tells the
//! modules' names and lengths. It holds no settings: who loads the file decides what the plug-in may do.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::needs::InitialNeeds;

const MAGIC: &[u8; 8] = b"PLUGWRGT";

#[derive(Serialize, Deserialize)]
struct Header {
    /// The plug-in's own name.
    plugin: String,
    /// In the order in which they are linked; the last one is the main module.
    modules: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    name: String,
    needs: InitialNeeds,
    len: u64,
}

/// A module's machine code, with what else must be known of it.
#[derive(Debug, PartialEq)]
pub(crate) struct CompiledModule {
    pub(crate) name: String,
    pub(crate) needs: InitialNeeds,
    pub(crate) code: Vec<u8>,
}

/// The compiled modules of a plug-in, the main one last.
pub(crate) struct Container {
    pub(crate) plugin: String,
    pub(crate) modules: Vec<CompiledModule>,
}

impl Container {
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let entry = |module: &CompiledModule| Entry {
            name: module.name.clone(),
            needs: module.needs,
            len: module.code.len() as u64,
        };
        let header =
            Header { plugin: self.plugin.clone(), modules: self.modules.iter().map(entry).collect() };
        let header = serde_json::to_vec(&header).map_err(|error| {
            Error::new(ErrorKind::Encode, format!("cannot write the header: {error}")).with_source(error)
        })?;
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&(header.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&header);
        for module in &self.modules {
            bytes.extend_from_slice(&module.code);
        }
        Ok(bytes)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| malformed("it does not start like one"))?;
        let (len, rest) = rest.split_first_chunk().ok_or_else(|| malformed("it is cut off"))?;
        let (header, mut rest) = split(rest, u64::from_le_bytes(*len))?;
        let header: Header = serde_json::from_slice(header).map_err(|error| malformed(&error.to_string()))?;
        let mut modules = Vec::with_capacity(header.modules.len());
        for Entry { name, needs, len } in header.modules {
            let (code, after) = split(rest, len)?;
            modules.push(CompiledModule { name, needs, code: code.to_vec() });
            rest = after;
        }
        if !rest.is_empty() || modules.is_empty() {
            return Err(malformed("its length is wrong"));
        }
        Ok(Self { plugin: header.plugin, modules })
    }
}

fn split(bytes: &[u8], at: u64) -> Result<(&[u8], &[u8])> {
    usize::try_from(at)
        .ok()
        .and_then(|at| bytes.split_at_checked(at))
        .ok_or_else(|| malformed("it is cut off"))
}

fn malformed(reason: &str) -> Error {
    Error::new(ErrorKind::Incompatible, format!("this is not a compiled plug-in: {reason}; compile it again"))
}

#[cfg(test)]
mod tests {
    use super::{CompiledModule, Container};
    use crate::needs::InitialNeeds;

    fn container() -> Container {
        let module =
            |name: &str, code| CompiledModule { name: name.to_owned(), needs: InitialNeeds::default(), code };
        Container {
            plugin: "p".to_owned(),
            modules: vec![module("lib", vec![1, 2, 3]), module("main", vec![4])],
        }
    }

    #[test]
    fn round_trip() {
        let bytes = container().to_bytes().unwrap();
        let read = Container::from_bytes(&bytes).unwrap();
        assert_eq!(read.plugin, "p");
        assert_eq!(read.modules, container().modules);
    }

    #[test]
    fn every_truncation_is_an_error() {
        let bytes = container().to_bytes().unwrap();
        for len in 0..bytes.len() {
            assert!(Container::from_bytes(&bytes[..len]).is_err(), "{len} bytes");
        }
        assert!(Container::from_bytes(&[&bytes[..], b"x"].concat()).is_err());
    }

    #[test]
    fn a_huge_length_is_an_error() {
        let mut bytes = container().to_bytes().unwrap();
        bytes[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(Container::from_bytes(&bytes).is_err());
    }
}
