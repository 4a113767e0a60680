//! Host functions from closures that return futures.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use tokio::runtime::Handle;
use wasmtime::Caller;

use super::value::{HostParam, HostResult, HostValue, WasmScalar};
use super::{Failure, HostFunction, Identity, catch, panicked};
use crate::current_plugin::CurrentPlugin;
use crate::engine::Flavor;
use crate::error::Error;
use crate::executor;
use crate::interrupt::Interrupts;
use crate::state::State;
use crate::trace;

/// A closure returning a future that can be a host function. `M` is always inferred.
pub trait IntoAsyncHostFunction<M> {
    /// The closure as a host function of this name.
    fn into_host_function(self, name: String) -> HostFunction;
}

/// Waits for a host function's future, until the call must stop; a panic becomes an error of the function.
pub(super) async fn wait<T>(
    name: &str,
    interrupts: Interrupts,
    runtime: Handle,
    future: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let caught = AssertUnwindSafe(future).catch_unwind();
    let future = executor::within(&runtime, caught);
    match trace::host_function(name, interrupts.race(future)).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => Err(panicked(&*panic)),
        Err(stopped) => Err(Failure::Runtime(stopped)),
    }
}

/// Waits on the calling thread.
pub(super) fn block_on<T>(future: impl Future<Output = wasmtime::Result<T>>) -> wasmtime::Result<T> {
    executor::block_on(future).map_err(|error: Error| wasmtime::Error::new(error))?
}

async fn run<R: HostResult>(
    mut plugin: CurrentPlugin<'_>,
    identity: Arc<Identity>,
    future: Result<impl Future<Output = R> + Send, Failure>,
) -> wasmtime::Result<<R::Value as HostValue>::Wasm>
where
    R::Value: Send,
{
    let outcome = match (future, plugin.host_runtime()) {
        (Ok(future), Ok(runtime)) => {
            wait(&identity.name, plugin.interrupts(), runtime, async { future.await.into_outcome() }).await
        }
        (Err(failure), _) => Err(failure),
        (_, Err(error)) => Err(Failure::Runtime(error)),
    };
    let outcome = outcome.and_then(|result| result.into_wasm(&mut plugin).map_err(Failure::Runtime));
    identity.finish(&mut plugin, outcome)
}

macro_rules! closures {
    ($($param:ident $value:ident),*) => {
        impl<F, T, R, $($param),*> IntoAsyncHostFunction<fn($($param),*) -> T> for F
        where
            F: Fn($($param),*) -> T + Send + Sync + 'static,
            T: Future<Output = R> + Send + 'static,
            R: HostResult + 'static,
            R::Value: Send,
            $($param: HostParam + 'static,)*
        {
            fn into_host_function(self, name: String) -> HostFunction {
                let function = Arc::new(self);
                HostFunction::assemble(name, vec![$($param::Wasm::TYPE),*], R::Value::TYPES.to_vec(), move |linker, module, flavor, identity: Arc<Identity>| {
                        let function = function.clone();
                        let name = identity.name.clone();
                        // Without parameters, there is nothing to read from the plug-in.
                        #[allow(unused_variables)]
                        let start = move |plugin: &CurrentPlugin<'_>, ($($value,)*): ($($param::Wasm,)*)| {
                            let future = catch(|| {
                                let runtime = plugin.host_runtime()?;
                                let _entered = runtime.enter();
                                $(let $value = $param::from_wasm($value, plugin)?;)*
                                Ok(function($($value),*))
                            });
                            (identity.clone(), future)
                        };
                        match flavor {
                            Flavor::Blocking => linker.func_wrap(
                                module,
                                &name,
                                move |caller: Caller<'_, State>, $($value: $param::Wasm),*| {
                                    let mut plugin = CurrentPlugin::new(caller);
                                    plugin.check_interrupts().map_err(wasmtime::Error::new)?;
                                    let (identity, future) = start(&plugin, ($($value,)*));
                                    block_on(run(plugin, identity, future))
                                },
                            )?,
                            Flavor::Async => linker.func_wrap_async(
                                module,
                                &name,
                                move |caller: Caller<'_, State>, values: ($($param::Wasm,)*)| {
                                    let plugin = CurrentPlugin::new(caller);
                                    let (identity, future) = start(&plugin, values);
                                    Box::new(run(plugin, identity, future))
                                },
                            )?,
                        };
                        Ok(())
 })
            }
        }
    };
}

super::for_each_arity!(closures);
