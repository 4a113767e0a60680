//! The code of a plug-in, as C passes it.

use runtime::manifest::{InputKind, Manifest, ParseOptions, WasmSource, looks_like};
use runtime::{PluginSource, Wasm};

use crate::boundary::array;
use crate::error::Failure;

/// A source from a WebAssembly binary, WebAssembly text, or a manifest. What a manifest has as `{"ptr", "len"}` is copied.
///
/// # Safety
///
/// `wasm` is null or points to `size` bytes; and so does each pointer in a manifest.
pub(crate) unsafe fn read(wasm: *const u8, size: u64) -> Result<PluginSource, Failure> {
    // SAFETY: the caller promises it; the bytes are needed for as long as this function runs.
    let bytes = unsafe { array(wasm, size, "the plug-in's code") }?;
    let options = ParseOptions::new().with_pointers(true);
    let mut manifest = match looks_like(bytes) {
        InputKind::JsonManifest => Manifest::from_json_with(bytes, options)?,
        InputKind::TomlManifest => {
            let text =
                str::from_utf8(bytes).map_err(|_| Failure::argument("the manifest is not UTF-8 text"))?;
            Manifest::from_toml_with(text, options)?
        }
        _ => return Ok(Wasm::data(bytes).into()),
    };
    for (index, module) in manifest.wasm.iter_mut().enumerate() {
        if let WasmSource::Pointer { ptr, len } = module.source {
            // SAFETY: as for `wasm`.
            let bytes = unsafe { pointed_at(index, ptr, len) }?;
            module.source = WasmSource::Data(bytes);
        }
    }
    Ok(manifest.into())
}

/// A copy of the bytes that a manifest points at.
///
/// # Safety
///
/// `ptr` is 0 or the address of `len` bytes.
unsafe fn pointed_at(index: usize, ptr: u64, len: u64) -> Result<Vec<u8>, Failure> {
    let what = format!("`wasm[{index}].data` of the manifest");
    if len == 0 {
        return Err(Failure::argument(format!("{what} has the length 0; a module has bytes")));
    }
    let address = usize::try_from(ptr)
        .map_err(|_| Failure::argument(format!("{what} points outside of the memory")))?;
    let first = std::ptr::with_exposed_provenance::<u8>(address);
    // SAFETY: the caller promises it.
    Ok(unsafe { array(first, len, &what) }?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::read;

    fn failure(text: &str) -> String {
        // SAFETY: it is a reference to that many bytes, with no pointer that is read.
        let failure = unsafe { read(text.as_ptr(), text.len() as u64) }.unwrap_err();
        failure.text().to_str().unwrap().to_owned()
    }

    #[test]
    fn pointers_are_copied() {
        let module = b"(module)";
        let address = module.as_ptr().expose_provenance();
        let manifest = format!(r#"{{"wasm": [{{"data": {{"ptr": {address}, "len": {}}}}}]}}"#, module.len());
        // SAFETY: both are alive, and as long as they say.
        let source = unsafe { read(manifest.as_ptr(), manifest.len() as u64) }.unwrap();
        assert_eq!(source.read().unwrap()[0].wasm, *b"\0asm\x01\0\0\0");
    }

    #[test]
    fn pointers_to_nothing_are_refused() {
        let manifest = |ptr: u64, len: u64| {
            failure(&format!(r#"{{"wasm": [{{"data": {{"ptr": {ptr}, "len": {len}}}}}]}}"#))
        };
        assert_eq!(manifest(0, 9), "`wasm[0].data` of the manifest is null, but its length is 9");
        let empty = "`wasm[0].data` of the manifest has the length 0; a module has bytes";
        assert_eq!(manifest(0, 0), empty);
        assert_eq!(manifest(8, 0), empty);
        let message = manifest(8, u64::MAX);
        assert!(message.ends_with("cannot have the length 18446744073709551615"), "{message}");
    }

    #[test]
    fn manifests_are_checked() {
        assert!(failure(r#"{"wasm": [], "hosts": 1}"#).contains("hosts"));
    }
}
