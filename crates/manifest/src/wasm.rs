//! The modules of a plug-in and where their bytes come from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use crate::error::Error;
use crate::field::FieldPath;
use crate::validate;

/// One WebAssembly module of a plug-in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wasm {
    /// Where the bytes come from.
    pub source: WasmSource,
    /// The name under which other modules import from it; `main` makes it the main module.
    pub name: Option<String>,
    /// SHA-256 of the bytes in hexadecimal, checked before they are compiled.
    pub hash: Option<String>,
}

/// Where the bytes of a module come from: a WebAssembly binary or WebAssembly text.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WasmSource {
    /// A file of the host.
    Path(PathBuf),
    /// The bytes themselves.
    Data(Vec<u8>),
    /// An HTTP or HTTPS resource.
    Url(HttpRequest),
    /// Memory of the calling process. Only callers of the C interface can mean something by it, so parsers
    /// refuse it unless [`ParseOptions::allow_pointers`](crate::ParseOptions::allow_pointers) is set.
    Pointer {
        /// Address of the first byte.
        ptr: u64,
        /// Number of bytes.
        len: u64,
    },
}

/// Bytes are shown by their number: a module is too long to read, and a log line should not hold it.
impl fmt::Debug for WasmSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Self::Data(bytes) => write!(f, "Data({} bytes)", bytes.len()),
            Self::Url(request) => f.debug_tuple("Url").field(request).finish(),
            Self::Pointer { ptr, len } => {
                f.debug_struct("Pointer").field("ptr", ptr).field("len", len).finish()
            }
        }
    }
}

/// The request that fetches a module.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpRequest {
    /// An `http` or `https` URL.
    pub url: String,
    /// The method; `None` means `GET`.
    pub method: Option<String>,
    /// Headers by name.
    pub headers: BTreeMap<String, String>,
}

impl Wasm {
    /// A module in a file of the host.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        WasmSource::Path(path.into()).into()
    }

    /// A module given by its bytes.
    pub fn data(bytes: impl Into<Vec<u8>>) -> Self {
        WasmSource::Data(bytes.into()).into()
    }

    /// A module that is fetched: a URL, or an [`HttpRequest`] with a method and headers.
    pub fn url(request: impl Into<HttpRequest>) -> Self {
        WasmSource::Url(request.into()).into()
    }

    /// Names the module.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the SHA-256 that the bytes must have, in hexadecimal of either case.
    #[must_use]
    pub fn with_hash(mut self, hash: impl Into<String>) -> Self {
        self.hash = Some(hash.into());
        self
    }

    /// The SHA-256 that the bytes must have, if the manifest asks for one.
    ///
    /// # Errors
    /// [`Error::InvalidHash`] when [`hash`](Self::hash) is not 64 hexadecimal digits, which cannot be after
    /// [`Manifest::validate`](crate::Manifest::validate).
    pub fn expected_sha256(&self) -> Result<Option<[u8; 32]>, Error> {
        let field = || FieldPath::root().key("hash");
        self.hash.as_deref().map(|hash| validate::sha256(hash, field)).transpose()
    }
}

impl From<WasmSource> for Wasm {
    fn from(source: WasmSource) -> Self {
        Self { source, name: None, hash: None }
    }
}

impl From<HttpRequest> for Wasm {
    fn from(request: HttpRequest) -> Self {
        Self::url(request)
    }
}

impl HttpRequest {
    /// A `GET` request without headers.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), method: None, headers: BTreeMap::new() }
    }

    /// Sets the method.
    #[must_use]
    pub fn with_method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Adds a header, in place of an earlier one of the same name.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }
}

impl From<&str> for HttpRequest {
    fn from(url: &str) -> Self {
        Self::new(url)
    }
}

impl From<String> for HttpRequest {
    fn from(url: String) -> Self {
        Self::new(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_print_the_module() {
        assert_eq!(format!("{:?}", WasmSource::Data(vec![7; 1_000_000])), "Data(1000000 bytes)");
    }

    #[test]
    fn the_expected_hash_is_decoded() {
        let wasm = Wasm::file("a").with_hash(format!("{}fF", "00".repeat(31)));
        let mut expected = [0; 32];
        expected[31] = 0xff;
        assert_eq!(wasm.expected_sha256(), Ok(Some(expected)));
        assert_eq!(Wasm::file("a").expected_sha256(), Ok(None));
        assert!(Wasm::file("a").with_hash("00").expected_sha256().is_err());
    }
}
