//! A tree of values to a manifest: types, unknown fields, duplicates. Null stands for a field left out.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{DecodeError, Engine as _};

use super::ParseOptions;
use super::node::Node;
use super::suggest::nearest;
use crate::error::Error;
use crate::field::FieldPath;
use crate::manifest::Manifest;
use crate::memory::MemoryOptions;
use crate::validate;
use crate::wasm::{HttpRequest, Wasm, WasmSource};

const MANIFEST_FIELDS: &[&str] =
    &["wasm", "memory", "config", "allowed_hosts", "allowed_paths", "timeout_ms"];
const WASM_FIELDS: &[&str] = &["path", "data", "url", "method", "headers", "name", "hash"];
const MEMORY_FIELDS: &[&str] = &["max_pages", "max_http_response_bytes", "max_var_bytes"];
const POINTER_FIELDS: &[&str] = &["ptr", "len"];

/// The standard alphabet; final `=` signs may be left out, as some encoders do.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Every integer up to this one is a float of its own; JSON writers without integers produce them.
const MAX_EXACT_FLOAT: f64 = 9_007_199_254_740_992.0;

pub(crate) fn manifest(node: Node, options: ParseOptions) -> Result<Manifest, Error> {
    let mut table = Table::open(node, FieldPath::root(), "a table with the field `wasm`", MANIFEST_FIELDS)?;
    Ok(Manifest {
        wasm: table.required("wasm", "a list of modules", |node, field| modules(node, field, options))?,
        memory: table.optional("memory", memory)?.unwrap_or_default(),
        config: table.optional("config", strings)?.unwrap_or_default(),
        allowed_hosts: table.optional("allowed_hosts", |node, field| {
            list(node, field, "a list of host patterns")?.map(|(node, field)| string(node, &field)).collect()
        })?,
        allowed_paths: table
            .optional("allowed_paths", strings)?
            .map(|paths| paths.into_iter().map(|(host, guest)| (host, PathBuf::from(guest))).collect()),
        timeout_ms: table.optional("timeout_ms", unsigned)?,
    })
}

fn modules(node: Node, field: &FieldPath, options: ParseOptions) -> Result<Vec<Wasm>, Error> {
    list(node, field, "a list of modules, such as [{\"path\": \"plugin.wasm\"}]")?
        .map(|(node, field)| module(node, field, options))
        .collect()
}

fn module(node: Node, field: FieldPath, options: ParseOptions) -> Result<Wasm, Error> {
    let mut table =
        Table::open(node, field.clone(), "a table, such as {\"path\": \"plugin.wasm\"}", WASM_FIELDS)?;
    let path = table.optional("path", string)?;
    let data = table.optional("data", |node, field| data(node, field, options))?;
    let url = table.optional("url", string)?;
    let method = table.optional("method", string)?;
    let headers = table.optional("headers", strings)?;
    let name = table.optional("name", string)?;
    let hash = table.optional("hash", string)?;

    let extra = if method.is_some() { Some("method") } else { headers.is_some().then_some("headers") };
    let source = match (path, data, url) {
        (Some(path), None, None) => WasmSource::Path(path.into()),
        (None, Some(data), None) => data,
        (None, None, Some(url)) => {
            let request = HttpRequest { url, method, headers: headers.unwrap_or_default() };
            return Ok(Wasm { source: WasmSource::Url(request), name, hash });
        }
        (path, data, url) => {
            let given = [("path", path.is_some()), ("data", data.is_some()), ("url", url.is_some())];
            let found = given.into_iter().filter_map(|(name, given)| given.then_some(name)).collect();
            return Err(Error::SourceCount { at: field.into(), found });
        }
    };
    match extra {
        Some(extra) => Err(Error::NotApplicable { at: field.key(extra).into() }),
        None => Ok(Wasm { source, name, hash }),
    }
}

fn data(node: Node, field: &FieldPath, options: ParseOptions) -> Result<WasmSource, Error> {
    match node {
        Node::String(text) => match BASE64.decode(text) {
            Ok(bytes) => Ok(WasmSource::Data(bytes)),
            Err(error) => {
                Err(Error::InvalidBase64 { at: field.clone().into(), reason: base64_problem(error) })
            }
        },
        Node::Table(_) if !options.allow_pointers => Err(Error::PointerRefused { at: field.clone().into() }),
        Node::Table(_) => {
            let mut table = Table::open(node, field.clone(), "a pointer", POINTER_FIELDS)?;
            Ok(WasmSource::Pointer {
                ptr: table.required("ptr", "the address of the first byte", unsigned)?,
                len: table.required("len", "the number of bytes", unsigned)?,
            })
        }
        other => Err(wrong_type(field, "the module's bytes as a base64 string", &other)),
    }
}

fn memory(node: Node, field: &FieldPath) -> Result<MemoryOptions, Error> {
    let mut table = Table::open(node, field.clone(), "a table of limits", MEMORY_FIELDS)?;
    Ok(MemoryOptions {
        max_pages: table.optional("max_pages", |node, field| {
            unsigned(node, field).and_then(|pages| validate::max_pages(pages, field))
        })?,
        max_http_response_bytes: table.optional("max_http_response_bytes", unsigned)?,
        max_var_bytes: table.optional("max_var_bytes", unsigned)?,
    })
}

fn string(node: Node, field: &FieldPath) -> Result<String, Error> {
    match node {
        Node::String(text) => Ok(text),
        other => Err(wrong_type(field, "a string", &other)),
    }
}

fn strings(node: Node, field: &FieldPath) -> Result<BTreeMap<String, String>, Error> {
    let entries = unique(node, field, "a table of strings")?;
    entries
        .into_iter()
        .map(|(key, node)| match node {
            Node::String(text) => Ok((key, text)),
            other => Err(wrong_type(&field.key(key), "a string", &other)),
        })
        .collect()
}

fn unsigned(node: Node, field: &FieldPath) -> Result<u64, Error> {
    let out_of_range = |given: String, advice| Error::OutOfRange { at: field.clone().into(), given, advice };
    match node {
        Node::Unsigned(value) => Ok(value),
        Node::Negative(value) => Err(out_of_range(value.to_string(), "give a whole number from 0 on")),
        Node::Float(value) if value.fract() == 0.0 && (0.0..=MAX_EXACT_FLOAT).contains(&value) => {
            // Exact by the conditions above.
            Ok(value as u64)
        }
        Node::Float(value) if value.fract() == 0.0 => Err(out_of_range(
            value.to_string(),
            "give a whole number from 0 to 18446744073709551615, in digits",
        )),
        other => Err(wrong_type(field, "a whole number", &other)),
    }
}

fn list<'f>(
    node: Node,
    field: &'f FieldPath,
    expected: &'static str,
) -> Result<impl Iterator<Item = (Node, FieldPath)> + 'f, Error> {
    match node {
        Node::List(items) => {
            Ok(items.into_iter().enumerate().map(move |(index, node)| (node, field.index(index))))
        }
        other => Err(wrong_type(field, expected, &other)),
    }
}

fn wrong_type(field: &FieldPath, expected: &'static str, found: &Node) -> Error {
    Error::WrongType { at: field.clone().into(), expected, found: found.kind() }
}

fn base64_problem(error: DecodeError) -> String {
    match error {
        DecodeError::InvalidByte(index, _) => {
            format!("character {} is not one of its characters", index + 1)
        }
        DecodeError::InvalidLastSymbol(index, _) => format!("character {} has bits to spare", index + 1),
        DecodeError::InvalidLength(len) => format!("{len} characters cannot be whole bytes"),
        DecodeError::InvalidPadding => "wrong number of final `=` signs".to_owned(),
    }
}

/// The entries of a table, or an error for the first key that occurs twice.
fn unique(node: Node, field: &FieldPath, expected: &'static str) -> Result<BTreeMap<String, Node>, Error> {
    let Node::Table(list) = node else {
        return Err(wrong_type(field, expected, &node));
    };
    let mut entries = BTreeMap::new();
    for (key, node) in list {
        if entries.contains_key(&key) {
            return Err(Error::DuplicateField { at: field.key(key).into() });
        }
        entries.insert(key, node);
    }
    Ok(entries)
}

/// A table with a known set of fields.
struct Table {
    field: FieldPath,
    entries: BTreeMap<String, Node>,
}

impl Table {
    fn open(
        node: Node,
        field: FieldPath,
        expected: &'static str,
        known: &'static [&'static str],
    ) -> Result<Self, Error> {
        let entries = unique(node, &field, expected)?;
        match entries.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(Error::UnknownField {
                at: field.key(key).into(),
                nearest: nearest(key, known).map(str::to_owned),
                known,
            }),
            None => Ok(Self { field, entries }),
        }
    }

    /// Reads the field `key` if it is there and not null.
    fn optional<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(Node, &FieldPath) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        match self.entries.remove(key) {
            None | Some(Node::Null) => Ok(None),
            Some(node) => read(node, &self.field.key(key)).map(Some),
        }
    }

    /// Reads the field `key`, which must be there.
    fn required<T>(
        &mut self,
        key: &str,
        expected: &'static str,
        read: impl FnOnce(Node, &FieldPath) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match self.optional(key, read)? {
            Some(value) => Ok(value),
            None => Err(Error::MissingField { at: self.field.key(key).into(), expected }),
        }
    }
}
