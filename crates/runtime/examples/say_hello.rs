//! The classic first host: a Go plug-in that looks its texts up in a map of the host.
//!
//! Build the guest by `cargo xtask guests`, then run from the repository's root:
//! `cargo run -p plugwright --example say_hello`.

use std::collections::HashMap;

use plugwright::{Plugin, Result};

fn main() -> Result<()> {
    let store = HashMap::from([("hello", "👋 Hello World 🌍"), ("message", "I 💜 Extism 😍")]);
    let mut plugin = Plugin::builder("guests/build/go_say_hello.wasm")
        .wasi(true)
        .host_fn("hostMemoryGet", move |key: String| store.get(&*key).copied())
        .build()?;
    println!("{}", plugin.call::<_, String>("say_hello", "Jane Doe")?);
    Ok(())
}
