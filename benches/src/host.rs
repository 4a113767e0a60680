//! What the hosts of the plug-in contract have in common. Each is used as its documentation shows.

use std::path::Path;

use anyhow::Result;

use crate::guest::Guest;

/// A host of the plug-in contract.
pub(crate) trait Host: 'static {
    /// Compiled code, to be instantiated often.
    type Compiled: Clone + Send + Sync + 'static;
    /// One instance, and the function of it that is called.
    type Plugin: Send + 'static;
    /// Instances for many threads.
    type Pool: Send + Sync + 'static;

    /// Compiles, without any cache.
    fn compile(guest: &Guest) -> Result<Self::Compiled>;

    /// Compiles, or takes what this folder keeps from the last time.
    fn compile_cached(guest: &Guest, folder: &Path) -> Result<Self::Compiled>;

    /// An instance of which this function is called.
    fn plugin(compiled: &Self::Compiled, function: &'static str) -> Result<Self::Plugin>;

    /// Calls another function of the instance from now on.
    fn select(plugin: &mut Self::Plugin, function: &'static str);

    /// Calls the function. The output is borrowed.
    fn call<'p>(plugin: &'p mut Self::Plugin, input: &[u8]) -> Result<&'p [u8]>;

    /// A pool of at most this many instances.
    fn pool(compiled: Self::Compiled, instances: usize) -> Self::Pool;

    /// Takes an instance from the pool, waiting as long as need be, calls the function, and lets `check` see the output.
    fn call_pooled(
        pool: &Self::Pool,
        function: &'static str,
        input: &[u8],
        check: &dyn Fn(&[u8]) -> Result<()>,
    ) -> Result<()>;
}
