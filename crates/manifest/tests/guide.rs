//! The examples of `docs/manifest.md` are true.

use std::path::Path;

use plugwright_manifest::{Error, Manifest};

/// The fenced blocks of a guide: what stands after the opening fence, and the text inside.
fn blocks(guide: &str) -> Vec<(&str, &str)> {
    guide.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n')).collect()
}

fn guide() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/manifest.md");
    std::fs::read_to_string(path).expect("docs/manifest.md is beside the crates")
}

fn parse(kind: &str, text: &str) -> Option<Result<Manifest, Error>> {
    match kind.split(',').next() {
        Some("json") => Some(Manifest::from_json(text.as_bytes())),
        Some("toml") => Some(Manifest::from_toml(text)),
        _ => None,
    }
}

#[test]
fn examples_are_valid_or_fail_as_the_guide_says() {
    let guide = guide();
    let blocks = blocks(&guide);
    let mut failing = 0;
    for (index, (kind, text)) in blocks.iter().enumerate() {
        let Some(result) = parse(kind, text) else { continue };
        if kind.ends_with(",fails") {
            failing += 1;
            let (kind, message) = &blocks[index + 1];
            assert_eq!(*kind, "text");
            assert_eq!(result.unwrap_err().to_string(), message.trim_end());
        } else {
            assert_eq!(result.map(|_| ()), Ok(()), "{text}");
        }
    }
    assert_eq!(failing, 5);
}

#[test]
fn the_two_full_examples_are_the_same_manifest() {
    let guide = guide();
    let blocks = blocks(&guide);
    let [json, toml] = [0, 1].map(|index| parse(blocks[index].0, blocks[index].1).unwrap().unwrap());
    assert_eq!(json, toml);
    assert_eq!(json.wasm.len(), 3);
}
