//! The classic first host: a plug-in in Go that looks its texts up in a map of the host.
//!
//! `cargo run -p plugwright --example say_hello -- <plug-in> <name>`, from the repository's root. The plug-in is
//! `examples/plugins/go-say-hello`; without arguments it is the one that `cargo xtask guests` builds.

use std::collections::HashMap;
use std::env;

use plugwright::{Plugin, Result};

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| "guests/build/go_say_hello.wasm".into());
    let name = arguments.next().unwrap_or_else(|| "Jane Doe".into());

    let store = HashMap::from([("hello", "👋 Hello World 🌍"), ("message", "I 💜 Extism 😍")]);
    let mut plugin = Plugin::builder(&*path)
        .wasi(true)
        .host_fn("hostMemoryGet", move |key: String| store.get(&*key).copied())
        .build()?;
    println!("{}", plugin.call::<_, String>("say_hello", name)?);
    Ok(())
}
