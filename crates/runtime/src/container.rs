//! The file format of compiled plug-ins: the compiled modules of a plug-in, one after the other.
//!
//! `PLUGWRGT`, the length of a header (8 bytes, little-endian), the header in JSON, the modules: of each its machine code, and
//! when it was rewritten the map of its offsets and the DWARF of its original. The header tells the modules' names and all
//! lengths. It holds no settings: who loads the file decides what the plug-in may do.

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
    rewrite: Option<RewriteEntry>,
}

#[derive(Serialize, Deserialize)]
struct RewriteEntry {
    has_start: bool,
    first_added_function: u32,
    reserve_pages: u32,
    offsets_len: u64,
    debug_len: u64,
}

/// A module's machine code, with what else must be known of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CompiledModule {
    pub(crate) name: String,
    pub(crate) needs: InitialNeeds,
    pub(crate) rewrite: Option<CompiledRewrite>,
    pub(crate) code: Vec<u8>,
}

/// What a rewrite did to a module.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CompiledRewrite {
    pub(crate) has_start: bool,
    pub(crate) first_added_function: u32,
    pub(crate) reserve_pages: u32,
    /// The map of its offsets, as it writes itself.
    pub(crate) offsets: Vec<u8>,
    /// A WebAssembly binary with the DWARF of the original; empty if it has none.
    pub(crate) debug: Vec<u8>,
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
            rewrite: module.rewrite.as_ref().map(|rewrite| RewriteEntry {
                has_start: rewrite.has_start,
                first_added_function: rewrite.first_added_function,
                reserve_pages: rewrite.reserve_pages,
                offsets_len: rewrite.offsets.len() as u64,
                debug_len: rewrite.debug.len() as u64,
            }),
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
            if let Some(CompiledRewrite { offsets, debug, .. }) = &module.rewrite {
                bytes.extend_from_slice(offsets);
                bytes.extend_from_slice(debug);
            }
        }
        Ok(bytes)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| malformed("it does not start like one"))?;
        let (len, rest) = rest.split_first_chunk().ok_or_else(|| malformed("it is cut off"))?;
        let (header, mut rest) = split(rest, u64::from_le_bytes(*len))?;
        let header: Header = serde_json::from_slice(header).map_err(|error| malformed(&error.to_string()))?;
        let mut modules = Vec::with_capacity(header.modules.len());
        for Entry { name, needs, len, rewrite } in header.modules {
            let code;
            (code, rest) = split(rest, len)?;
            let rewrite = match rewrite {
                Some(RewriteEntry {
                    has_start,
                    first_added_function,
                    reserve_pages,
                    offsets_len,
                    debug_len,
                }) => {
                    let (offsets, debug);
                    (offsets, rest) = split(rest, offsets_len)?;
                    (debug, rest) = split(rest, debug_len)?;
                    let (offsets, debug) = (offsets.to_vec(), debug.to_vec());
                    Some(CompiledRewrite { has_start, first_added_function, reserve_pages, offsets, debug })
                }
                None => None,
            };
            modules.push(CompiledModule { name, needs, rewrite, code: code.to_vec() });
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
    use super::{CompiledModule, CompiledRewrite, Container};
    use crate::needs::InitialNeeds;

    fn container() -> Container {
        let module = |name: &str, code, rewrite| CompiledModule {
            name: name.to_owned(),
            needs: InitialNeeds::default(),
            rewrite,
            code,
        };
        let rewrite = CompiledRewrite {
            has_start: true,
            first_added_function: 9,
            reserve_pages: 4,
            offsets: vec![5, 6],
            debug: vec![7],
        };
        Container {
            plugin: "p".to_owned(),
            modules: vec![module("lib", vec![1, 2, 3], None), module("main", vec![4], Some(rewrite))],
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
