//! Manifests to text.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};

use crate::error::{Error, Format, one_line};
use crate::manifest::Manifest;
use crate::wasm::{Wasm, WasmSource};

pub(crate) fn json(manifest: &Manifest) -> Result<String, Error> {
    serde_json::to_string_pretty(manifest)
        .map_err(|error| Error::Encode { format: Format::Json, message: one_line(&error.to_string()) })
}

pub(crate) fn toml(manifest: &Manifest) -> Result<String, Error> {
    toml::to_string(manifest)
        .map_err(|error| Error::Encode { format: Format::Toml, message: one_line(&error.to_string()) })
}

/// The shape that a module has in text: source and other fields side by side.
#[derive(Serialize, Default)]
struct WasmText<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<DataText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<&'a BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum DataText {
    Base64(String),
    Pointer { ptr: u64, len: u64 },
}

impl Serialize for Wasm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text =
            WasmText { name: self.name.as_deref(), hash: self.hash.as_deref(), ..Default::default() };
        match &self.source {
            WasmSource::Path(path) => text.path = Some(path),
            WasmSource::Data(bytes) => text.data = Some(DataText::Base64(STANDARD.encode(bytes))),
            WasmSource::Pointer { ptr, len } => text.data = Some(DataText::Pointer { ptr: *ptr, len: *len }),
            WasmSource::Url(request) => {
                text.url = Some(&request.url);
                text.method = request.method.as_deref();
                text.headers = Some(&request.headers).filter(|headers| !headers.is_empty());
            }
        }
        text.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::HttpRequest;

    #[test]
    fn defaults_are_left_out() {
        let json = serde_json::to_string(&Manifest::new([Wasm::data(*b"\0asm")])).unwrap();
        assert_eq!(json, r#"{"wasm":[{"data":"AGFzbQ=="}]}"#);
    }

    #[test]
    fn a_request_is_written_beside_name_and_hash() {
        let request = HttpRequest::new("https://a/b").with_method("POST").with_header("X", "y");
        let json = serde_json::to_string(&Wasm::url(request).with_name("n")).unwrap();
        assert_eq!(json, r#"{"url":"https://a/b","method":"POST","headers":{"X":"y"},"name":"n"}"#);
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_unicode_cannot_be_written() {
        use std::os::unix::ffi::OsStrExt as _;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"\xff"));
        let manifest = Manifest::new([Wasm::file(path)]);
        let errors = [manifest.to_json().unwrap_err(), manifest.to_toml().unwrap_err()];
        for (error, expected) in errors.into_iter().zip([Format::Json, Format::Toml]) {
            assert!(matches!(error, Error::Encode { format, .. } if format == expected));
            assert!(!error.to_string().contains('\n'));
        }
    }
}
