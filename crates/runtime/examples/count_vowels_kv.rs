//! A store that outlives its plug-ins: each text is counted by a new plug-in, and the total goes on.
//!
//! `cargo run -p plugwright --example count_vowels_kv -- <plug-in> <text>…`, from the repository's root. The plug-in
//! is `examples/plugins/rust-count-vowels-kv` or `examples/plugins/go-count-vowels-kv`.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use plugwright::{HostFunction, Plugin};

/// What the plug-in stored under each key.
type Store = Arc<Mutex<HashMap<String, Vec<u8>>>>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().ok_or("the plug-in's path is missing: count_vowels_kv <plug-in> <text>…")?;

    let store = Store::default();
    let compiled =
        Plugin::builder(&*path).wasi(true).host_functions([read(&store), write(&store)]).compile()?;
    for text in arguments {
        let mut plugin = compiled.instantiate()?;
        println!("{}", plugin.call::<_, String>("count_vowels", text)?);
    }
    Ok(())
}

/// `kv_read(key)` returns the value of a key; of one that was never written, a zero of four bytes.
fn read(store: &Store) -> HostFunction {
    let store = store.clone();
    HostFunction::new("kv_read", move |key: String| {
        let store = store.lock().unwrap_or_else(PoisonError::into_inner);
        store.get(&key).cloned().unwrap_or_else(|| vec![0; 4])
    })
}

/// `kv_write(key, value)` sets the value of a key.
fn write(store: &Store) -> HostFunction {
    let store = store.clone();
    HostFunction::new("kv_write", move |key: String, value: Vec<u8>| {
        store.lock().unwrap_or_else(PoisonError::into_inner).insert(key, value);
    })
}
