//! The plug-ins that are measured.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A host function that a guest imports. A host lends it only what it imports, so that nobody pays for more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lent {
    /// `number(i64) -> i64`: one more than its argument.
    Number,
    /// `text(string) -> string`: its argument in upper case.
    Text,
    /// `mark()`: notes the time, see [`marks`](crate::marks).
    Mark,
}

/// A plug-in and what it is given.
#[derive(Clone)]
pub(crate) struct Guest {
    /// The WebAssembly binary.
    pub(crate) wasm: Vec<u8>,
    /// Whether it gets WASI.
    pub(crate) wasi: bool,
    /// Its host function.
    pub(crate) lent: Option<Lent>,
    /// Whether our host saves address space. The others have no such choice.
    pub(crate) compact: bool,
}

/// The function of the plug-ins that count vowels, its input and the output of its first call.
pub(crate) const COUNT_VOWELS: (&str, &[u8], &[u8]) =
    ("count_vowels", b"Hello, World!", br#"{"count":3,"total":3,"vowels":"aeiouAEIOU"}"#);

impl Guest {
    /// A guest of this benchmark: `benches/guests/<name>.wat`.
    pub(crate) fn own(name: &str) -> Result<Self> {
        Self::load(&benches().join("guests").join(name).with_extension("wat"))
    }

    /// A guest that the tests have too: `guests/wat/<name>.wat`.
    pub(crate) fn shared(name: &str) -> Result<Self> {
        Self::load(&repository().join("guests/wat").join(name).with_extension("wat"))
    }

    /// A guest that `cargo xtask guests` builds: `guests/build/<name>.wasm`.
    pub(crate) fn built(name: &str) -> Result<Self> {
        Self::load(&repository().join("guests/build").join(name).with_extension("wasm"))
    }

    /// The guest that `cargo xtask bench` builds: the Rust guest with its symbols and debug information.
    pub(crate) fn large() -> Result<Self> {
        Self::load(&benches().join("target/guests/large.wasm"))
    }

    /// The same guest with this host function.
    pub(crate) fn lend(self, lent: Lent) -> Self {
        Self { lent: Some(lent), ..self }
    }

    /// The same guest with WASI.
    pub(crate) fn with_wasi(self) -> Self {
        Self { wasi: true, ..self }
    }

    fn load(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| {
            format!("cannot read {}; run `cargo xtask bench`, which builds it", path.display())
        })?;
        let wasm = wat::parse_bytes(&bytes)
            .with_context(|| format!("{} is not WebAssembly", path.display()))?
            .into_owned();
        Ok(Self { wasm, wasi: false, lent: None, compact: false })
    }
}

/// The folder of this package.
fn benches() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The root of the checkout.
pub(crate) fn repository() -> PathBuf {
    benches().join("..")
}
