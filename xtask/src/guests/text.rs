//! Guests in WebAssembly text as binaries, for SDKs whose engine reads no text.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::repository;

/// Writes `guests/wat/*.wat` as `guests/build/wat/*.wasm`.
///
/// # Errors
/// When a text is wrong, or a file cannot be read or written.
pub(super) fn assemble() -> Result<()> {
    let guests = repository::guests();
    let built = guests.join("build").join("wat");
    fs::create_dir_all(&built).with_context(|| format!("cannot make {}", built.display()))?;
    let texts = guests.join("wat");
    for entry in fs::read_dir(&texts).with_context(|| format!("cannot read {}", texts.display()))? {
        let path = entry?.path();
        if let Some(name) = path.file_stem().filter(|_| path.extension().is_some_and(|wat| wat == "wat")) {
            assemble_file(&path, &built.join(name).with_extension("wasm"))?;
        }
    }
    Ok(())
}

/// Leaves a file alone that is as it should be: others look at its time.
fn assemble_file(text: &Path, built: &Path) -> Result<()> {
    let wasm = wat::parse_file(text).with_context(|| format!("cannot assemble {}", text.display()))?;
    if fs::read(built).is_ok_and(|there| there == wasm) {
        return Ok(());
    }
    fs::write(built, wasm).with_context(|| format!("cannot write {}", built.display()))
}

#[cfg(test)]
mod tests {
    use super::{assemble_file, fs};

    #[test]
    fn a_text_becomes_a_binary() {
        let folder = tempfile::tempdir().unwrap();
        let (text, built) = (folder.path().join("a.wat"), folder.path().join("a.wasm"));
        fs::write(&text, "(module)").unwrap();
        assemble_file(&text, &built).unwrap();
        assert_eq!(fs::read(&built).unwrap(), b"\0asm\x01\0\0\0");
        fs::write(&text, "(module").unwrap();
        assert!(format!("{:#}", assemble_file(&text, &built).unwrap_err()).contains("a.wat"));
    }
}
