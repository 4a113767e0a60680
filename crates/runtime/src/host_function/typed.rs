//! Host functions from plain closures.

use std::sync::Arc;

use super::value::{HostParam, HostResult, HostValue, WasmScalar};
use super::{Failure, HostFunction, Identity};
use crate::current_plugin::CurrentPlugin;
use crate::state::State;

/// A closure that can be a host function. `M` tells the implementations apart and is always inferred.
pub trait IntoHostFunction<M> {
    /// The closure as a host function of this name.
    fn into_host_function(self, name: String) -> HostFunction;
}

/// Marks closures whose first parameter is `&mut CurrentPlugin<'_>`.
#[derive(Debug)]
pub struct WithPlugin;

/// Implements [`IntoHostFunction`] for closures of the listed parameters, with and without the plug-in before them.
macro_rules! closures {
    ($($param:ident $value:ident),*) => {
        closures!(@impl [fn($($param),*) -> R] [Fn($($param),*) -> R] [] $($param $value),*);
        closures!(
            @impl [(WithPlugin, fn($($param),*) -> R)] [for<'a, 'b> Fn(&'a mut CurrentPlugin<'b>, $($param),*) -> R]
            [plugin] $($param $value),*
        );
    };
    (@impl [$marker:ty] [$($bound:tt)*] [$($plugin:ident)?] $($param:ident $value:ident),*) => {
        impl<F, R, $($param),*> IntoHostFunction<$marker> for F
        where
            F: $($bound)* + Send + Sync + 'static,
            R: HostResult,
            $($param: HostParam,)*
        {
            fn into_host_function(self, name: String) -> HostFunction {
                let function = Arc::new(self);
                HostFunction::assemble(name, vec![$($param::Wasm::TYPE),*], R::Value::TYPES.to_vec(), move |linker, module, _, identity: Arc<Identity>| {
                        let function = function.clone();
                        let name = identity.name.clone();
                        linker.func_wrap(
                            module,
                            &name,
                            move |caller: wasmtime::Caller<'_, State>, $($value: $param::Wasm),*| {
                                let mut current = CurrentPlugin::new(caller);
                                let outcome = identity.guard(|| {
                                    current.check_interrupts()?;
                                    $(let $value = $param::from_wasm($value, &current)?;)*
                                    $(let $plugin = &mut current;)?
                                    let result = function($($plugin,)? $($value),*).into_outcome()?;
                                    result.into_wasm(&mut current).map_err(Failure::Runtime)
                                });
                                identity.finish(&mut current, outcome)
                            },
                        )?;
                        Ok(())
 })
            }
        }
    };
}

super::for_each_arity!(closures);
