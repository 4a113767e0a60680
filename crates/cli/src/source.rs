//! From what the user names as a plug-in to a builder for it, or to its modules.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::Context;
use plugwright::manifest::{InputKind, Manifest, looks_like};
use plugwright::{MAX_WASM_BYTES, PluginBuilder, PluginSource, SourceModule};

use crate::args::ManifestFlag;
use crate::errors::Failure;

/// How files with compiled code begin.
const COMPILED: &[u8] = b"PLUGWRGT";

pub(crate) fn is_url(plugin: &str) -> bool {
    plugin.starts_with("http://") || plugin.starts_with("https://")
}

/// What a file holds.
pub(crate) enum Content {
    Manifest(Box<Manifest>),
    Compiled(Vec<u8>),
    /// WebAssembly, or nothing that we know.
    Other(Vec<u8>),
}

/// A builder for the plug-in.
///
/// # Errors
///
/// When the file cannot be read, is a manifest that is not valid, or is compiled code that the user does not trust.
pub(crate) fn builder(
    plugin: &str,
    manifest: ManifestFlag,
    trust_compiled: bool,
) -> anyhow::Result<PluginBuilder> {
    if is_url(plugin) {
        if trust_compiled {
            return Err(Failure::Usage(
                "compiled code is only run from a file; leave --trust-compiled out".to_owned(),
            )
            .into());
        }
        // What is behind the URL tells by itself whether it is a manifest.
        return Ok(PluginBuilder::new(plugin));
    }
    let path = Path::new(plugin);
    match (read(path)?, manifest) {
        (Content::Compiled(code), ManifestFlag::Absent) if trust_compiled => {
            Ok(PluginBuilder::new(PluginSource::trusted_compiled_code(code)))
        }
        (Content::Compiled(_), ManifestFlag::Absent) => Err(Failure::Usage(format!(
            "`{plugin}` is compiled code, which runs with all your rights and cannot be checked; if you made it yourself and \
             nobody else can change it, add --trust-compiled"
        ))
        .into()),
        _ if trust_compiled => Err(Failure::Usage(format!(
            "`{plugin}` is not compiled code; leave --trust-compiled out, or compile it with `plugwright compile`"
        ))
        .into()),
        (Content::Manifest(manifest), _) => Ok(with_stem(PluginBuilder::new(*manifest), path)),
        (_, ManifestFlag::Given) => Err(Failure::Usage(format!("`{plugin}` is not a manifest; leave --manifest out")).into()),
        (Content::Other(bytes), ManifestFlag::Absent) => Ok(with_stem(PluginBuilder::new(bytes), path)),
    }
}

/// Reads the modules of the plug-in: one, or those of a manifest.
///
/// # Errors
///
/// When a file or URL cannot be read, is another one than the manifest says, or is not WebAssembly.
pub(crate) fn modules(plugin: &str) -> anyhow::Result<Vec<SourceModule>> {
    let source: PluginSource = if is_url(plugin) {
        plugin.into()
    } else {
        match read(Path::new(plugin))? {
            Content::Manifest(manifest) => (*manifest).into(),
            Content::Other(bytes) => bytes.into(),
            Content::Compiled(_) => {
                return Err(Failure::Usage(format!(
                    "`{plugin}` is compiled code; inspect what it was compiled from"
                ))
                .into());
            }
        }
    };
    source.read().map_err(|error| {
        let is_named = error.message().contains(plugin);
        let error = anyhow::Error::new(error);
        if is_named { error } else { error.context(format!("`{plugin}`")) }
    })
}

/// Reads a file and tells what it holds.
///
/// # Errors
///
/// When it cannot be read, or is a manifest that is not valid.
pub(crate) fn read(path: &Path) -> anyhow::Result<Content> {
    let bytes = read_bytes(path)?;
    if bytes.starts_with(COMPILED) {
        return Ok(Content::Compiled(bytes));
    }
    match looks_like(&bytes) {
        InputKind::JsonManifest | InputKind::TomlManifest => {
            Ok(Content::Manifest(Box::new(parse_manifest(path, &bytes)?)))
        }
        _ => Ok(Content::Other(bytes)),
    }
}

/// Reads a file of a plug-in.
///
/// # Errors
///
/// When it cannot be read, or is larger than the library takes.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_WASM_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|reason| Failure::Load { path: path.to_owned(), reason })?;
    if bytes.len() as u64 > MAX_WASM_BYTES {
        let reason = io::Error::other(format!("it is larger than {MAX_WASM_BYTES} bytes"));
        return Err(Failure::Load { path: path.to_owned(), reason });
    }
    Ok(bytes)
}

/// Reads the content of a manifest's file: JSON if it begins like it, else TOML.
///
/// # Errors
///
/// When it is not valid.
pub(crate) fn parse_manifest(path: &Path, bytes: &[u8]) -> anyhow::Result<Manifest> {
    let invalid = || format!("the manifest `{}` is not valid", path.display());
    match looks_like(bytes) {
        InputKind::JsonManifest => Manifest::from_json(bytes).with_context(invalid),
        InputKind::Wasm | InputKind::Wat => {
            Err(Failure::Usage(format!("`{}` is WebAssembly, not a manifest", path.display())).into())
        }
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Manifest::from_toml(text).with_context(invalid),
            Err(_) => {
                Err(Failure::Usage(format!("`{}` is not a manifest: it is not text", path.display())).into())
            }
        },
    }
}

/// Names the plug-in after its file.
fn with_stem(builder: PluginBuilder, path: &Path) -> PluginBuilder {
    match path.file_stem() {
        Some(stem) => builder.name(stem.to_string_lossy()),
        None => builder,
    }
}
