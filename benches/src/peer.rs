//! The crate `extism`, as its documentation shows it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use extism::{
    CompiledPlugin, CurrentPlugin, Error, Function, PTR, Plugin, PluginBuilder, Pool, PoolBuilder, UserData,
    Val, ValType, host_fn,
};

use crate::guest::{Guest, Lent};
use crate::host::Host;
use crate::marks;

/// The crate `extism`.
pub(crate) struct Peer;

/// A plug-in, and the function that is called.
pub(crate) struct PeerPlugin {
    plugin: Plugin,
    function: &'static str,
}

impl Host for Peer {
    type Compiled = CompiledPlugin;
    type Plugin = PeerPlugin;
    type Pool = Pool;

    fn compile(guest: &Guest) -> Result<CompiledPlugin> {
        builder(guest).with_cache_disabled().compile()
    }

    fn compile_cached(guest: &Guest, folder: &Path) -> Result<CompiledPlugin> {
        let config = folder.join("cache.toml");
        if !config.exists() {
            let directory = folder.join("compiled");
            fs::write(&config, format!("[cache]\ndirectory = {directory:?}\n"))?;
        }
        builder(guest).with_cache_config(config).compile()
    }

    fn plugin(compiled: &CompiledPlugin, function: &'static str) -> Result<PeerPlugin> {
        Ok(PeerPlugin { plugin: Plugin::new_from_compiled(compiled)?, function })
    }

    fn select(plugin: &mut PeerPlugin, function: &'static str) {
        plugin.function = function;
    }

    fn call<'p>(plugin: &'p mut PeerPlugin, input: &[u8]) -> Result<&'p [u8]> {
        plugin.plugin.call(plugin.function, input)
    }

    fn pool(compiled: CompiledPlugin, instances: usize) -> Pool {
        PoolBuilder::new().with_max_instances(instances).build(move || Plugin::new_from_compiled(&compiled))
    }

    fn call_pooled(
        pool: &Pool,
        function: &'static str,
        input: &[u8],
        check: &dyn Fn(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let an_hour = Duration::from_secs(3600);
        let mut pooled = pool.get(an_hour)?.context("no instance became free within an hour")?;
        let plugin: &mut Plugin = &mut pooled;
        check(plugin.call(function, input)?)
    }
}

fn builder(guest: &Guest) -> PluginBuilder<'_> {
    let builder = PluginBuilder::new(&*guest.wasm).with_wasi(guest.wasi);
    match guest.lent {
        None => builder,
        // Its macro makes host functions of memory handles; one of plain numbers is written like this.
        Some(Lent::Number) => {
            builder.with_function("number", [ValType::I64], [ValType::I64], UserData::default(), number)
        }
        Some(Lent::Text) => {
            builder.with_functions([Function::new("text", [PTR], [PTR], UserData::default(), text)])
        }
        Some(Lent::Mark) => builder.with_function("mark", [], [], UserData::default(), mark),
    }
}

fn number(_: &mut CurrentPlugin, inputs: &[Val], outputs: &mut [Val], _: UserData<()>) -> Result<(), Error> {
    outputs[0] = Val::I64(inputs[0].unwrap_i64() + 1);
    Ok(())
}

fn mark(_: &mut CurrentPlugin, _: &[Val], _: &mut [Val], _: UserData<()>) -> Result<(), Error> {
    marks::mark();
    Ok(())
}

host_fn!(text(lower: String) -> String {
    let mut text = lower;
    text.make_ascii_uppercase();
    Ok(text)
});
