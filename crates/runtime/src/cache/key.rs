//! The name of an entry.

/// What an entry is the compiled code of. Equal keys mean equal code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key(blake3::Hash);

impl Key {
    /// The key of a module compiled under a configuration of the engine (any bytes that determine it, the engine's
    /// version and the machine included). This crate's version is part of every key.
    pub(crate) fn new(wasm: &[u8], configuration: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("plugwright compilation cache key v1");
        for part in [env!("CARGO_PKG_VERSION").as_bytes(), configuration, wasm] {
            // The length in front keeps bytes from moving between neighbouring parts.
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        Self(hasher.finalize())
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    pub(super) fn file_name(&self) -> String {
        format!("{}{ENTRY_SUFFIX}", self.0.to_hex())
    }
}

const ENTRY_SUFFIX: &str = ".code";

/// Whether a file of this name is an entry.
pub(super) fn is_entry(file_name: &str) -> bool {
    file_name.strip_suffix(ENTRY_SUFFIX).is_some_and(|hex| blake3::Hash::from_hex(hex).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_changes_the_key() {
        let key = Key::new(b"wasm", b"config");
        assert_eq!(key, Key::new(b"wasm", b"config"));
        for other in
            [Key::new(b"wasn", b"config"), Key::new(b"wasm", b"confih"), Key::new(b"gwasm", b"confi")]
        {
            assert_ne!(key, other);
        }
    }

    #[test]
    fn entries_are_told_by_their_names() {
        assert!(is_entry(&Key::new(b"", b"").file_name()));
        for name in ["secret", "x.code", "0123.code", ".tmp-0123"] {
            assert!(!is_entry(name), "{name}");
        }
    }
}
