//! What our Rust PDK promises, beyond what cases can say.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::fs;
use std::path::PathBuf;

use plugwright::Plugin;
use plugwright_conformance::guests_dir;

/// A guest that was built, or `None` where not every guest can be.
fn guest(name: &str) -> Option<PathBuf> {
    let path = guests_dir().join("build").join(format!("{name}.wasm"));
    if path.is_file() {
        return Some(path);
    }
    println!("skipped: {name} is not built");
    // Where every guest can be built, none may be missing.
    assert!(
        std::env::var_os("PLUGWRIGHT_ALL_GUESTS").is_none(),
        "{name} is missing: run `cargo xtask guests`"
    );
    None
}

#[test]
fn a_small_plugin_is_small() {
    let Some(hello) = guest("rust_pdk_hello") else { return };
    let size = fs::metadata(hello).unwrap().len();
    assert!(size <= 30_000, "the plug-in has {size} bytes");
}

#[test]
fn bulk_copies_give_what_loops_give() {
    let (Some(bulk), Some(looped)) = (guest("rust_pdk_echo_bulk"), guest("rust_own_echo")) else { return };
    let mut bulk = Plugin::builder(bulk).build().unwrap();
    let mut looped = Plugin::builder(looped).build().unwrap();
    for length in (0..=100).chain([1 << 20, (1 << 20) + 7]) {
        let input: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
        assert_eq!(bulk.call::<_, Vec<u8>>("echo", &input).unwrap(), input, "{length} bytes at once");
        assert_eq!(looped.call::<_, Vec<u8>>("echo", &input).unwrap(), input, "{length} bytes in a loop");
    }
}
