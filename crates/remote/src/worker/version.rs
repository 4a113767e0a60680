//! A version of a plug-in that is served: its code, and its instances.

use std::time::Duration;

use plugwright::{CompiledPlugin, Error, ErrorKind, ErrorReport, PluginBuilder, Pool, Result};

use crate::names;
use crate::store::Published;

/// What prepares an instance is nobody's to call.
const START_UP: [&str; 5] = ["_initialize", "_start", "__wasm_call_ctors", "hs_init", "hs_exit"];

/// A version never changes; calls that began on one end on it.
pub(super) struct Version {
    pub(super) pool: Pool,
    /// What it is in the store, if it is from there.
    pub(super) published: Option<Published>,
    /// The functions that can be called over NATS.
    pub(super) functions: Vec<String>,
    /// How long a call may take if the caller does not mind.
    pub(super) timeout: Option<Duration>,
}

impl Version {
    /// Compiles a plug-in, on a thread that may be kept.
    pub(super) async fn compile(
        builder: PluginBuilder,
        name: &str,
        concurrency: usize,
        published: Option<Published>,
    ) -> Result<Self> {
        let builder = builder.name(name);
        let compiled = tokio::task::spawn_blocking(move || {
            let compiled = builder.compile()?;
            // An instance that is not called costs next to nothing.
            let timeout = compiled.instantiate()?.timeout();
            Ok::<_, Error>((compiled, timeout))
        });
        let failed = |error: tokio::task::JoinError| -> Error {
            ErrorReport::new(&ErrorKind::Compile, format!("the plug-in cannot be compiled: {error}")).into()
        };
        let (compiled, timeout) = compiled.await.map_err(failed)??;
        let functions = functions(&compiled);
        Ok(Self { pool: Pool::new(compiled, concurrency), published, functions, timeout })
    }

    /// Whether a function may be called, if there is one of this name.
    pub(super) fn offers(&self, function: &str) -> bool {
        !START_UP.contains(&function)
    }

    /// As the micro-services protocol wants it.
    pub(super) fn number(&self) -> String {
        format!("0.{}.0", self.published.as_ref().map_or(0, |published| published.number))
    }
}

fn functions(compiled: &CompiledPlugin) -> Vec<String> {
    let callable = compiled.exports().iter().map(|export| export.name.as_str());
    let callable = callable.filter(|name| compiled.function_exists(name) && !START_UP.contains(name));
    let (named, other): (Vec<&str>, Vec<&str>) = callable.partition(|name| names::is_name(name));
    for function in other {
        let (plugin, function) = (compiled.name(), names::shortened(function));
        tracing::warn!(target: "plugwright::nats", plugin, function, "not served: its name cannot be part of a subject");
    }
    named.into_iter().map(str::to_owned).collect()
}
