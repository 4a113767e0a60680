//! Where a plug-in comes from, and reading it.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plugwright_manifest::{HttpRequest, InputKind, Manifest, Wasm, WasmSource, looks_like};
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};
use crate::{MAX_WASM_BYTES, executor, http};

/// How long the download of a plug-in may take.
const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(60);

/// Where a plug-in comes from.
///
/// Made from a path (`&str`, `Path`), a URL (a `&str` that starts with `http://` or `https://`), bytes, a [`Manifest`], or
/// one [`Wasm`] source. A file, a URL and bytes may hold a WebAssembly binary, WebAssembly text, or a manifest in
/// JSON or TOML; what it is is told from the content.
///
/// A manifest is trusted like configuration: it may name files and grant hosts. So give code that others supply as
/// [`Wasm::data`], which is never taken for a manifest.
///
/// Relative paths, those in a manifest as well, are relative to the process's current folder.
#[derive(Debug, Clone)]
pub struct PluginSource(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Path(PathBuf),
    Url(HttpRequest),
    Bytes(Vec<u8>),
    Manifest(Box<Manifest>),
    TrustedCode(Vec<u8>),
}

/// A module of a plug-in, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceModule {
    /// The name that the manifest gives it.
    pub name: Option<String>,
    /// Whether it is the main module, whose functions a host calls.
    pub is_main: bool,
    /// Where it came from, for people: a path or a URL, without credentials; for a module that a manifest holds, the
    /// manifest. `None` for bytes.
    pub origin: Option<String>,
    /// The WebAssembly binary.
    pub wasm: Vec<u8>,
}

/// A source that has been looked into.
pub(crate) enum Resolved {
    /// WebAssembly to compile, and a name for it when the source suggests one.
    Manifest(Manifest, Option<String>),
    /// Compiled code.
    TrustedCode(Vec<u8>),
}

impl PluginSource {
    /// Code that [`CompiledPlugin::serialize`](crate::CompiledPlugin::serialize) made, **trusted like a program**.
    ///
    /// The bytes are machine code that runs with all rights of this process; nothing checks them. Whoever can write
    /// them can do whatever this process can. Use it for files that you made yourself and that nobody else can change.
    pub fn trusted_compiled_code(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Kind::TrustedCode(bytes.into()))
    }

    /// Reads the modules of the plug-in without compiling them: for tools that look into them.
    ///
    /// Files are read, URLs downloaded, hashes checked, and text becomes binary. This blocks the thread.
    ///
    /// # Errors
    ///
    /// `Load`, `HashMismatch`, `InvalidManifest`, or `Compile` for what is not WebAssembly; `Incompatible` for compiled
    /// code, which has no modules to look into.
    pub fn read(self) -> Result<Vec<SourceModule>> {
        let own_origin = match &self.0 {
            Kind::Path(path) => Some(path.display().to_string()),
            Kind::Url(request) => Some(http::shown_url(&request.url)),
            _ => None,
        };
        let Resolved::Manifest(manifest, _) = self.resolve()? else {
            return Err(Error::new(
                ErrorKind::Incompatible,
                "this is compiled code; read what it was compiled from",
            ));
        };
        let main = manifest.main_index();
        let modules = manifest.wasm.iter().enumerate().map(|(index, wasm)| {
            Ok(SourceModule {
                name: wasm.name.clone(),
                is_main: Some(index) == main,
                origin: origin(wasm).or_else(|| own_origin.clone()),
                wasm: load(wasm)?,
            })
        });
        modules.collect()
    }

    /// Reads everything that the plug-in is made of into a manifest, which no longer depends on files of code and on URLs: to
    /// keep a version of a plug-in, whatever becomes of its files.
    ///
    /// Hashes are checked and text becomes binary. This blocks the thread.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn fetch(self) -> Result<Manifest> {
        let Resolved::Manifest(mut manifest, _) = self.resolve()? else {
            return Err(Error::new(
                ErrorKind::Incompatible,
                "this is compiled code; fetch what it was compiled from",
            ));
        };
        for wasm in &mut manifest.wasm {
            wasm.source = WasmSource::Data(load(wasm)?);
            // It was that of what was read, which may have been text.
            wasm.hash = None;
        }
        Ok(manifest)
    }

    /// Looks into the source, so far as to have a manifest.
    pub(crate) fn resolve(self) -> Result<Resolved> {
        let (bytes, name) = match self.0 {
            Kind::TrustedCode(bytes) => return Ok(Resolved::TrustedCode(bytes)),
            Kind::Manifest(manifest) => {
                manifest.validate()?;
                return Ok(Resolved::Manifest(*manifest, None));
            }
            Kind::Bytes(bytes) => (bytes, None),
            Kind::Path(path) => (read_file(&path)?, stem(&path)),
            Kind::Url(request) => {
                let name = request.url.rsplit('/').next().map(|file| stem(Path::new(file)));
                (download(&request)?, name.flatten())
            }
        };
        match looks_like(&bytes) {
            InputKind::JsonManifest => Ok(Resolved::Manifest(Manifest::from_json(&bytes)?, name)),
            InputKind::TomlManifest => {
                let text = String::from_utf8(bytes).map_err(|error| {
                    Error::new(ErrorKind::InvalidManifest, "the manifest is not UTF-8 text")
                        .with_source(error)
                })?;
                Ok(Resolved::Manifest(Manifest::from_toml(&text)?, name))
            }
            _ => Ok(Resolved::Manifest(Manifest::new([Wasm::data(bytes)]), name)),
        }
    }
}

/// Reads a module: its binary, after the check of its hash.
pub(crate) fn load(wasm: &Wasm) -> Result<Vec<u8>> {
    let what = describe(wasm);
    let bytes = match &wasm.source {
        WasmSource::Path(path) => read_file(path)?,
        WasmSource::Data(bytes) => bytes.clone(),
        WasmSource::Url(request) => download(request)?,
        _ => {
            return Err(Error::new(
                ErrorKind::InvalidManifest,
                format!("{what}: this kind of source is not known here"),
            ));
        }
    };
    if let Some(expected) = wasm.expected_sha256()? {
        let actual: [u8; 32] = Sha256::digest(&bytes).into();
        if actual != expected {
            let message = format!(
                "{what} has the SHA-256 {}, but the manifest expects {}; get the right file, or correct `hash`",
                hex(&actual),
                hex(&expected)
            );
            return Err(Error::new(ErrorKind::HashMismatch, message));
        }
    }
    to_binary(bytes, &what)
}

/// WebAssembly text becomes a binary; a binary stays as it is.
fn to_binary(bytes: Vec<u8>, what: &str) -> Result<Vec<u8>> {
    match looks_like(&bytes) {
        InputKind::Wasm => Ok(bytes),
        InputKind::Wat => {
            let text = String::from_utf8_lossy(&bytes);
            wat::parse_str(&text).map_err(|error| {
                let reason = error.to_string();
                let reason =
                    reason.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>();
                Error::new(
                    ErrorKind::Compile,
                    format!("{what} is not valid WebAssembly text: {}", reason.join(" ")),
                )
            })
        }
        _ if bytes.is_empty() => Err(Error::new(ErrorKind::Compile, format!("{what} is empty"))),
        _ => Err(Error::new(
            ErrorKind::Compile,
            format!(
                "{what} is not WebAssembly: it starts neither like a binary (`\\0asm`) nor like text (`(module`)"
            ),
        )),
    }
}

/// Where a module comes from, for people.
fn origin(wasm: &Wasm) -> Option<String> {
    match &wasm.source {
        WasmSource::Path(path) => Some(path.display().to_string()),
        WasmSource::Url(request) => Some(http::shown_url(&request.url)),
        _ => None,
    }
}

/// What to call a module's source in a message.
fn describe(wasm: &Wasm) -> String {
    match (origin(wasm), &wasm.name) {
        (Some(origin), _) => format!("`{origin}`"),
        (None, Some(name)) => format!("module `{name}`"),
        (None, None) => "the plug-in".to_owned(),
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| {
        Error::new(ErrorKind::Load, format!("cannot read `{}`: {error}", path.display())).with_source(error)
    };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(MAX_WASM_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_WASM_BYTES {
        let message = format!("`{}` is larger than {MAX_WASM_BYTES} bytes", path.display());
        return Err(Error::new(ErrorKind::Load, message));
    }
    Ok(bytes)
}

fn download(request: &HttpRequest) -> Result<Vec<u8>> {
    let handle = executor::handle()?.clone();
    let method = request.method.as_deref();
    executor::block_on(http::download(
        handle,
        &request.url,
        method,
        &request.headers,
        MAX_WASM_BYTES,
        DOWNLOAD_TIMEOUT,
    ))?
}

fn stem(path: &Path) -> Option<String> {
    Some(path.file_stem()?.to_string_lossy().into_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl From<&str> for PluginSource {
    fn from(path: &str) -> Self {
        if path.starts_with("http://") || path.starts_with("https://") {
            Self(Kind::Url(HttpRequest::new(path)))
        } else {
            Self(Kind::Path(path.into()))
        }
    }
}

impl From<String> for PluginSource {
    fn from(path: String) -> Self {
        path.as_str().into()
    }
}

impl From<&Path> for PluginSource {
    fn from(path: &Path) -> Self {
        Self(Kind::Path(path.to_owned()))
    }
}

impl From<PathBuf> for PluginSource {
    fn from(path: PathBuf) -> Self {
        Self(Kind::Path(path))
    }
}

impl From<&[u8]> for PluginSource {
    fn from(bytes: &[u8]) -> Self {
        Self(Kind::Bytes(bytes.to_vec()))
    }
}

impl<const N: usize> From<&[u8; N]> for PluginSource {
    fn from(bytes: &[u8; N]) -> Self {
        Self(Kind::Bytes(bytes.to_vec()))
    }
}

impl From<Vec<u8>> for PluginSource {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Kind::Bytes(bytes))
    }
}

impl From<Manifest> for PluginSource {
    fn from(manifest: Manifest) -> Self {
        Self(Kind::Manifest(Box::new(manifest)))
    }
}

impl From<Wasm> for PluginSource {
    fn from(wasm: Wasm) -> Self {
        Self(Kind::Manifest(Box::new(Manifest::new([wasm]))))
    }
}
