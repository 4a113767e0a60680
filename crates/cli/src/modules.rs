//! Reading the modules of a plug-in, for commands that look into them.

use std::path::Path;

use plugwright::Wasm;
use plugwright::manifest::{InputKind, Manifest, WasmSource, looks_like};
use sha2::{Digest, Sha256};

use crate::errors::Failure;
use crate::source::{self, Content};

/// A module of a plug-in.
pub(crate) struct Module {
    /// The name that others import it by, if it has one.
    pub(crate) name: Option<String>,
    /// Where it comes from.
    pub(crate) origin: String,
    /// The binary.
    pub(crate) wasm: Vec<u8>,
}

/// The modules of the plug-in in this file: one, or those of a manifest.
///
/// # Errors
///
/// When a file cannot be read, is another one than the manifest says, or is not WebAssembly.
pub(crate) fn of_plugin(plugin: &str) -> anyhow::Result<Vec<Module>> {
    if source::is_url(plugin) {
        return Err(remote(plugin).into());
    }
    match source::read(Path::new(plugin))? {
        Content::Manifest(manifest) => of_manifest(&manifest),
        Content::Other(bytes) => {
            let wasm = to_binary(bytes, plugin)?;
            Ok(vec![Module { name: None, origin: plugin.to_owned(), wasm }])
        }
        Content::Compiled(_) => {
            Err(Failure::Usage(format!("`{plugin}` is compiled code; inspect what it was compiled from"))
                .into())
        }
    }
}

fn of_manifest(manifest: &Manifest) -> anyhow::Result<Vec<Module>> {
    let mut modules = Vec::with_capacity(manifest.wasm.len());
    for (index, wasm) in manifest.wasm.iter().enumerate() {
        let origin = match &wasm.source {
            WasmSource::Path(path) => path.display().to_string(),
            _ => format!("wasm[{index}].data"),
        };
        let is_main = Some(index) == manifest.main_index();
        let name = if is_main { Some("main".to_owned()) } else { wasm.name.clone() };
        let wasm = to_binary(read(wasm)?, &origin)?;
        modules.push(Module { name, origin, wasm });
    }
    Ok(modules)
}

/// The bytes of a module of a manifest, which have the hash that it gives.
///
/// # Errors
///
/// When they cannot be read, or have another hash.
pub(crate) fn read(wasm: &Wasm) -> Result<Vec<u8>, Failure> {
    let (bytes, what) = match &wasm.source {
        WasmSource::Path(path) => (source::read_bytes(path)?, format!("`{}`", path.display())),
        WasmSource::Data(bytes) => (bytes.clone(), "`data`".to_owned()),
        WasmSource::Url(request) => return Err(remote(&request.url)),
        _ => {
            return Err(Failure::Usage(
                "the manifest has a kind of module that this command cannot read".to_owned(),
            ));
        }
    };
    let expected = wasm.expected_sha256().map_err(|error| Failure::Usage(error.to_string()))?;
    let actual: [u8; 32] = Sha256::digest(&bytes).into();
    match expected {
        Some(expected) if expected != actual => Err(Failure::HashMismatch(format!(
            "{what} has the SHA-256 {}, but the manifest expects {}; get the right file, or correct `hash`",
            hex(&actual),
            hex(&expected)
        ))),
        _ => Ok(bytes),
    }
}

fn remote(url: &str) -> Failure {
    Failure::Usage(format!("this command reads files only; download `{url}` first"))
}

fn to_binary(bytes: Vec<u8>, origin: &str) -> Result<Vec<u8>, Failure> {
    match looks_like(&bytes) {
        InputKind::Wat => wat::parse_bytes(&bytes)
            .map(std::borrow::Cow::into_owned)
            .map_err(|error| Failure::Compile(format!("`{origin}` is not valid WebAssembly text: {error}"))),
        InputKind::Wasm => Ok(bytes),
        _ => Err(Failure::Compile(format!(
            "`{origin}` is not WebAssembly: it starts neither like a binary (`\\0asm`) nor like text (`(module`); check that it is \
             the right file"
        ))),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
