//! The rules that types alone do not express.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::error::Error;
use crate::field::FieldPath;
use crate::hosts::AllowedHosts;
use crate::manifest::Manifest;
use crate::memory::MAX_PAGES;
use crate::paths::AllowedPath;
use crate::wasm::{HttpRequest, Wasm, WasmSource};

const SHA256_BYTES: usize = 32;

pub(crate) fn manifest(manifest: &Manifest) -> Result<(), Error> {
    let root = FieldPath::root();
    modules(&manifest.wasm, &root.key("wasm"))?;
    if let Some(pages) = manifest.memory.max_pages {
        max_pages(pages.into(), &root.key("memory").key("max_pages"))?;
    }
    if manifest.timeout_ms == Some(0) {
        return Err(Error::OutOfRange {
            at: root.key("timeout_ms").into(),
            given: "0".to_owned(),
            advice: "give at least 1 millisecond, or leave the field out for no timeout",
        });
    }
    AllowedHosts::new(manifest.allowed_hosts.as_deref().unwrap_or_default())?;
    manifest.allowed_paths.as_ref().map_or(Ok(()), allowed_paths)
}

pub(crate) fn max_pages(pages: u64, field: &FieldPath) -> Result<u32, Error> {
    u32::try_from(pages).ok().filter(|&pages| pages <= MAX_PAGES).ok_or_else(|| Error::OutOfRange {
        at: field.clone().into(),
        given: pages.to_string(),
        advice: "give 0 to 65536 pages of 64 KiB",
    })
}

/// Decodes a hash; `field` says where it is.
pub(crate) fn sha256(hex: &str, field: impl Fn() -> FieldPath) -> Result<[u8; SHA256_BYTES], Error> {
    let invalid = |reason| Error::InvalidHash { at: field().into(), reason };
    if let Some((index, _)) = hex.chars().enumerate().find(|(_, c)| !c.is_ascii_hexdigit()) {
        return Err(invalid(format!("character {} is not a hexadecimal digit", index + 1)));
    }
    if hex.len() != 2 * SHA256_BYTES {
        return Err(invalid(format!("the hash has {} digits", hex.len())));
    }
    let mut bytes = [0; SHA256_BYTES];
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        *byte = pair.iter().fold(0, |value, &digit| value << 4 | hex_value(digit));
    }
    Ok(bytes)
}

/// The value of a byte that is known to be a hexadecimal digit.
fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

fn modules(wasm: &[Wasm], field: &FieldPath) -> Result<(), Error> {
    if wasm.is_empty() {
        return Err(Error::NoModules { at: field.clone().into() });
    }
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, module) in wasm.iter().enumerate() {
        let field = field.index(index);
        if let Some(name) = &module.name {
            let at = || field.key("name").into();
            if name.is_empty() {
                return Err(Error::EmptyName { at: at() });
            }
            if let Some(first) = names.insert(name, index) {
                return Err(Error::DuplicateName { at: at(), name: name.clone(), first });
            }
        }
        if let Some(hash) = &module.hash {
            sha256(hash, || field.key("hash"))?;
        }
        match &module.source {
            WasmSource::Path(path) => wasm_path(path, &field)?,
            WasmSource::Url(request) => http_request(request, &field)?,
            WasmSource::Data(_) | WasmSource::Pointer { .. } => {}
        }
    }
    Ok(())
}

fn wasm_path(path: &std::path::Path, module: &FieldPath) -> Result<(), Error> {
    let reason = match path.as_os_str().as_encoded_bytes() {
        [] => "the path is empty; name a file, such as `plugin.wasm`",
        bytes if bytes.contains(&0) => "a path cannot contain a NUL character; remove it",
        _ => return Ok(()),
    };
    Err(Error::InvalidPath { at: module.key("path").into(), reason: reason.to_owned() })
}

fn http_request(request: &HttpRequest, module: &FieldPath) -> Result<(), Error> {
    if let Some(reason) = url_problem(&request.url) {
        return Err(Error::InvalidUrl { at: module.key("url").into(), reason });
    }
    if request.method.as_deref().is_some_and(|method| !is_token(method)) {
        return Err(Error::InvalidRequest {
            at: module.key("method").into(),
            reason: "not an HTTP method; give one word, such as GET or POST",
        });
    }
    for (name, value) in &request.headers {
        let at = || module.key("headers").key(name).into();
        if !is_token(name) {
            let reason = "not a header name; use letters, digits and `-`, as in X-Api-Key";
            return Err(Error::InvalidRequest { at: at(), reason });
        }
        if value.chars().any(|c| c.is_control() && c != '\t') {
            let reason = "the header's value has a control character; put it on one line";
            return Err(Error::InvalidRequest { at: at(), reason });
        }
    }
    Ok(())
}

/// What HTTP calls a token: methods and header names.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// What is wrong with a URL, as far as can be told without a full URL parser, which whoever fetches has.
fn url_problem(url: &str) -> Option<&'static str> {
    if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Some("the URL has a space or control character");
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        return Some("the URL has no scheme (for a file, use `path`)");
    };
    if scheme.eq_ignore_ascii_case("file") {
        return Some("a file is given as `path`");
    }
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Some("the scheme is neither http nor https");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    (host.is_empty() || host.starts_with(':')).then_some("the URL has no host")
}

fn allowed_paths(paths: &BTreeMap<String, PathBuf>) -> Result<(), Error> {
    let mut guests: BTreeMap<PathBuf, &str> = BTreeMap::new();
    for (key, guest) in paths {
        let entry = AllowedPath::new(key, guest)?;
        // Rebuilt from its components, because `/mnt` and `/mnt/` are the same place.
        if let Some(other) = guests.insert(entry.guest.components().collect(), key) {
            return Err(Error::InvalidPath {
                at: FieldPath::root().key("allowed_paths").key(key).into(),
                reason: format!(
                    "{} has the same guest path; give each folder a place of its own",
                    crate::field::quote(other)
                ),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of the error that validating `manifest` gives.
    fn refused(manifest: Manifest) -> String {
        manifest.validate().unwrap_err().to_string()
    }

    fn refused_wasm(wasm: Wasm) -> String {
        refused(Manifest::new([wasm]))
    }

    fn file() -> Manifest {
        Manifest::new([Wasm::file("a.wasm")])
    }

    #[test]
    fn there_is_at_least_one_module() {
        assert!(refused(Manifest::default()).starts_with("wasm: the list is empty"));
        assert_eq!(file().validate(), Ok(()));
    }

    #[test]
    fn names_differ_and_are_not_empty() {
        let [a, b] = ["a", "b"].map(|name| Wasm::file(name).with_name(name));
        assert_eq!(Manifest::new([a.clone(), Wasm::file("x"), b, Wasm::file("y")]).validate(), Ok(()));
        let text = refused(Manifest::new([a.clone(), Wasm::file("x"), a]));
        assert_eq!(text, "wasm[2].name: wasm[0] is named \"a\" too; give each module a name of its own");
        assert!(refused_wasm(Wasm::file("a").with_name("")).starts_with("wasm[0].name: the name is empty"));
    }

    #[test]
    fn hashes_are_64_hexadecimal_digits() {
        let with = |hash: &str| Wasm::file("a").with_hash(hash);
        assert_eq!(Manifest::new([with(&"aB".repeat(32))]).validate(), Ok(()));
        assert!(refused_wasm(with("")).contains("has 0 digits"));
        assert!(refused_wasm(with(&"a".repeat(63))).contains("has 63 digits"));
        assert!(refused_wasm(with(&"a".repeat(65))).contains("has 65 digits"));
        let text = refused_wasm(with(&format!("{}g{}", "a".repeat(10), "a".repeat(53))));
        assert!(text.starts_with("wasm[0].hash: character 11 is not a hexadecimal digit"), "{text}");
        assert!(refused_wasm(with(&"é".repeat(32))).contains("character 1 "));
    }

    #[test]
    fn pages_and_timeouts_have_a_range() {
        assert_eq!(file().with_memory_max(65_536).validate(), Ok(()));
        let text = refused(file().with_memory_max(65_537));
        assert_eq!(text, "memory.max_pages: 65537 is out of range; give 0 to 65536 pages of 64 KiB");
        assert!(refused(file().with_timeout(std::time::Duration::ZERO)).starts_with("timeout_ms: 0 is out"));
    }

    #[test]
    fn urls_are_http_with_a_host() {
        for url in ["http://a", "HTTPS://a/b?c#d", "https://user:pass@a:8443/x", "http://[::1]:80/"] {
            assert_eq!(Manifest::new([Wasm::url(url)]).validate(), Ok(()), "{url}");
        }
        for (url, word) in [
            ("", "no scheme"),
            ("plugin.wasm", "no scheme"),
            ("file:///a", "given as `path`"),
            ("ftp://a/b", "neither http nor https"),
            ("https://", "no host"),
            ("https:///a", "no host"),
            ("https://user@/a", "no host"),
            ("https://:80/a", "no host"),
            ("https://a/b c", "space"),
            ("https://a/\r\nX: y", "control"),
        ] {
            let text = refused_wasm(Wasm::url(url));
            assert!(text.starts_with("wasm[0].url: ") && text.contains(word), "{url}: {text}");
        }
    }

    #[test]
    fn requests_cannot_smuggle_lines() {
        let request = || HttpRequest::new("https://a");
        let good = request().with_method("PATCH").with_header("X-Key", "a\tb é");
        assert_eq!(Manifest::new([good]).validate(), Ok(()));
        for method in ["", "GET ", "GET /", "G\r\n"] {
            assert!(refused_wasm(request().with_method(method).into()).starts_with("wasm[0].method: "));
        }
        for (name, value) in [("", "v"), ("a b", "v"), ("a:", "v"), ("a", "v\r\nb: c"), ("a", "\0")] {
            let text = refused_wasm(request().with_header(name, value).into());
            assert!(text.starts_with("wasm[0].headers."), "{text}");
        }
    }

    #[test]
    fn module_paths_name_a_file() {
        assert!(refused_wasm(Wasm::file("")).starts_with("wasm[0].path: the path is empty"));
        assert!(refused_wasm(Wasm::file("a\0b")).contains("NUL"));
    }

    #[test]
    fn guest_paths_differ() {
        let text = refused(file().with_allowed_path("a", "/mnt").with_allowed_path("ro:b", "/mnt/"));
        assert!(text.starts_with("allowed_paths.\"ro:b\": \"a\" has the same guest path"), "{text}");
        assert!(refused(file().with_allowed_path("a", "..")).contains("`..`"));
        assert!(refused(file().with_allowed_host("a:1")).starts_with("allowed_hosts[0]: \"a:1\""));
    }
}
