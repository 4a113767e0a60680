//! Plugwright, as its documentation shows it.

use std::path::Path;

use anyhow::Result;
use plugwright::{CompilationCache, CompiledPlugin, Plugin, Pool};

use crate::guest::{Guest, Lent};
use crate::host::Host;
use crate::marks;

/// Plugwright.
pub(crate) struct Ours;

/// A plug-in, and the function that is called.
pub(crate) struct OurPlugin {
    plugin: Plugin,
    function: &'static str,
}

impl Host for Ours {
    type Compiled = CompiledPlugin;
    type Plugin = OurPlugin;
    type Pool = Pool;

    fn compile(guest: &Guest) -> Result<CompiledPlugin> {
        compile(guest, CompilationCache::Off)
    }

    fn compile_cached(guest: &Guest, folder: &Path) -> Result<CompiledPlugin> {
        compile(guest, CompilationCache::Folder(folder.to_owned()))
    }

    fn plugin(compiled: &CompiledPlugin, function: &'static str) -> Result<OurPlugin> {
        Ok(OurPlugin { plugin: compiled.instantiate()?, function })
    }

    fn select(plugin: &mut OurPlugin, function: &'static str) {
        plugin.function = function;
    }

    fn call<'p>(plugin: &'p mut OurPlugin, input: &[u8]) -> Result<&'p [u8]> {
        Ok(plugin.plugin.call(plugin.function, input)?)
    }

    fn pool(compiled: CompiledPlugin, instances: usize) -> Pool {
        Pool::new(compiled, instances)
    }

    fn call_pooled(
        pool: &Pool,
        function: &'static str,
        input: &[u8],
        check: &dyn Fn(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let mut plugin = pool.acquire(None)?;
        check(plugin.call(function, input)?)
    }
}

fn compile(guest: &Guest, cache: CompilationCache) -> Result<CompiledPlugin> {
    let builder = Plugin::builder(&*guest.wasm).wasi(guest.wasi).compact_memory(guest.compact).cache(cache);
    let builder = match guest.lent {
        None => builder,
        Some(Lent::Number) => builder.host_fn("number", |number: i64| number + 1),
        Some(Lent::Text) => builder.host_fn("text", |mut text: String| {
            text.make_ascii_uppercase();
            text
        }),
        Some(Lent::Mark) => builder.host_fn("mark", marks::mark),
    };
    Ok(builder.compile()?)
}
