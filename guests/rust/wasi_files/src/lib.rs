//! Reads and writes files in the folders that the host opened for it.

use std::fs;

use extism_pdk::{plugin_fn, Error, FnResult};

/// Returns the bytes of the file whose path is the input.
#[plugin_fn]
pub fn read_file(path: String) -> FnResult<Vec<u8>> {
    Ok(read(&path)?)
}

/// Writes a file, then returns what reading it gives; the input is `path=content`.
#[plugin_fn]
pub fn write_file(pair: String) -> FnResult<Vec<u8>> {
    let (path, content) = pair.split_once('=').ok_or_else(|| Error::msg("expected path=content"))?;
    fs::write(path, content).map_err(|reason| Error::msg(format!("cannot write {path}: {reason}")))?;
    Ok(read(path)?)
}

fn read(path: &str) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|reason| Error::msg(format!("cannot read {path}: {reason}")))
}
