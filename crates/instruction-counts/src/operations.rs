//! The operations.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use plugwright::{CompilationCache, CompiledPlugin, Plugin, PluginBuilder, Pool};

/// Runs an operation as often as it is told.
pub(crate) type Repeat = dyn FnMut(u64) -> Result<()>;

/// One operation.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    /// Often enough that what happens once in a run vanishes; seldom enough for a tool that is 50 times slower.
    pub(crate) times: u64,
    pub(crate) prepare: fn() -> Result<Box<Repeat>>,
}

/// All operations, in the order in which they are shown.
pub(crate) const OPERATIONS: &[Operation] = &[
    Operation { name: "empty_call", times: 2_000, prepare: empty_call },
    Operation { name: "echo_1k", times: 2_000, prepare: echo },
    Operation { name: "host_function", times: 100_000, prepare: host_function },
    Operation { name: "host_function_string_64", times: 5_000, prepare: host_function_string },
    Operation { name: "instance_cycle_wat", times: 300, prepare: || instance_cycle(small()?, "nothing") },
    Operation {
        name: "instance_cycle_rust",
        times: 200,
        prepare: || instance_cycle(rust_guest()?, "count_vowels"),
    },
    Operation { name: "pool_call", times: 2_000, prepare: pool_call },
];

fn builder(source: impl Into<plugwright::PluginSource>) -> PluginBuilder {
    // What the cache does depends on what earlier runs left.
    Plugin::builder(source).cache(CompilationCache::Off)
}

fn small() -> Result<CompiledPlugin> {
    Ok(builder(include_bytes!("../guests/small.wat").as_slice()).compile()?)
}

fn rust_guest() -> Result<CompiledPlugin> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guests/build/rust_count_vowels.wasm");
    ensure!(path.is_file(), "{} is missing: run `cargo xtask guests`", path.display());
    Ok(builder(path).compile()?)
}

fn empty_call() -> Result<Box<Repeat>> {
    let mut plugin = small()?.instantiate()?;
    Ok(Box::new(move |times| {
        for _ in 0..times {
            plugin.call::<_, ()>("nothing", "")?;
        }
        Ok(())
    }))
}

fn echo() -> Result<Box<Repeat>> {
    let mut plugin = small()?.instantiate()?;
    let input = [7_u8; 1024];
    Ok(Box::new(move |times| {
        for _ in 0..times {
            let output: &[u8] = plugin.call("echo", &input[..])?;
            ensure!(output.len() == input.len(), "the echo has {} bytes", output.len());
        }
        Ok(())
    }))
}

fn host_function() -> Result<Box<Repeat>> {
    let mut plugin = with_host_functions()?;
    Ok(Box::new(move |times| Ok(plugin.call("numbers", &times.to_le_bytes()[..])?)))
}

fn host_function_string() -> Result<Box<Repeat>> {
    let mut plugin = with_host_functions()?;
    Ok(Box::new(move |times| Ok(plugin.call("strings", &times.to_le_bytes()[..])?)))
}

fn with_host_functions() -> Result<Plugin> {
    let guest = include_bytes!("../guests/host_functions.wat").as_slice();
    let builder = builder(guest)
        .host_fn("next", |number: i64| number.wrapping_add(1))
        .host_fn("shout", |text: String| text.to_ascii_uppercase());
    Ok(builder.build()?)
}

fn instance_cycle(compiled: CompiledPlugin, function: &'static str) -> Result<Box<Repeat>> {
    // While this one lives, the clock that interrupts guests neither stops nor is woken by each instance.
    let mut other = compiled.instantiate()?;
    other.call::<_, &[u8]>(function, "Hello").context("the first call of an instance")?;
    Ok(Box::new(move |times| {
        for _ in 0..times {
            let mut plugin = compiled.instantiate()?;
            plugin.call::<_, &[u8]>(function, "Hello")?;
        }
        ensure!(!other.name().is_empty(), "the other instance has no name");
        Ok(())
    }))
}

fn pool_call() -> Result<Box<Repeat>> {
    let pool = Pool::new(small()?, 2);
    Ok(Box::new(move |times| {
        for _ in 0..times {
            pool.acquire(None)?.call::<_, ()>("nothing", "")?;
        }
        Ok(())
    }))
}
