//! What kind of input some bytes are.

/// What bytes that describe a plug-in look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputKind {
    /// A WebAssembly binary.
    Wasm,
    /// WebAssembly text.
    Wat,
    /// A manifest in JSON.
    JsonManifest,
    /// A manifest in TOML.
    TomlManifest,
    /// None of these.
    Unknown,
}

/// Tells from the first bytes what `input` is; for TOML, from a line that starts the field `wasm`.
///
/// Looks at the shape only: a manifest with a mistake is still recognised, and its parser can report the mistake.
pub fn looks_like(input: &[u8]) -> InputKind {
    if input.starts_with(b"\0asm") {
        return InputKind::Wasm;
    }
    let text = without_bom(input).trim_ascii_start();
    match text {
        [b'{', ..] => InputKind::JsonManifest,
        [b'(', ..] | [b';', b';', ..] => InputKind::Wat,
        _ if std::str::from_utf8(text).is_ok_and(has_wasm_line) => InputKind::TomlManifest,
        _ => InputKind::Unknown,
    }
}

/// Some editors put a byte order mark in front of UTF-8; it is not part of the text.
pub(crate) fn without_bom(input: &[u8]) -> &[u8] {
    input.strip_prefix("\u{feff}".as_bytes()).unwrap_or(input)
}

fn has_wasm_line(text: &str) -> bool {
    text.lines().any(|line| {
        let header = line.trim_start().trim_start_matches(['[', ' ', '\t', '"', '\'']);
        header
            .strip_prefix("wasm")
            .is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ', '\t']).starts_with(['=', ']', '.']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognises_each_kind() {
        for (input, kind) in [
            (&b"\0asm\x01\0\0\0"[..], InputKind::Wasm),
            (b"(module)", InputKind::Wat),
            (b"\n  (module)", InputKind::Wat),
            (b";; comment\n(module)", InputKind::Wat),
            (b"(; comment ;) (module)", InputKind::Wat),
            (b" \n{\"wasm\": []}", InputKind::JsonManifest),
            (b"{broken", InputKind::JsonManifest),
            (b"\xef\xbb\xbf{}", InputKind::JsonManifest),
            (b"[[wasm]]\npath = 'a'", InputKind::TomlManifest),
            (b"# plug-in\n\ntimeout_ms = 1\n[[ wasm ]]\n", InputKind::TomlManifest),
            (b"wasm = [{path = 'a'}]", InputKind::TomlManifest),
            (b"\"wasm\"=[]", InputKind::TomlManifest),
            (b"wasm = [[[ broken", InputKind::TomlManifest),
            (b"", InputKind::Unknown),
            (b"\0as", InputKind::Unknown),
            (b"wasmtime = 1", InputKind::Unknown),
            (b"hello wasm = 1", InputKind::Unknown),
            (b"; one", InputKind::Unknown),
            (b"\xff\nwasm = 1", InputKind::Unknown),
        ] {
            assert_eq!(looks_like(input), kind, "{:?}", String::from_utf8_lossy(input));
        }
    }
}
