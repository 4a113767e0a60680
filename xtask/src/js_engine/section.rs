//! Custom sections of WebAssembly modules.

/// Adds a custom section at a module's end.
pub(super) fn append(module: &mut Vec<u8>, name: &str, data: &[u8]) {
    let mut content = Vec::new();
    push_length(&mut content, name.len());
    content.extend_from_slice(name.as_bytes());
    content.extend_from_slice(data);
    module.push(0);
    push_length(module, content.len());
    module.extend_from_slice(&content);
}

/// Lengths are written in LEB128.
fn push_length(bytes: &mut Vec<u8>, length: usize) {
    let mut rest = length;
    while rest >= 0x80 {
        // The lowest seven bits: it cannot be truncated.
        bytes.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

#[cfg(test)]
mod tests {
    use super::append;

    #[test]
    fn lengths_have_as_many_bytes_as_they_need() {
        let mut module = Vec::new();
        append(&mut module, "ab", &[7; 200]);
        assert_eq!(module[..7], [0, 0xcb, 0x01, 2, b'a', b'b', 7]);
        assert_eq!(module.len(), 3 + 203);
    }
}
