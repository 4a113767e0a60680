//! Functions that a host lends to its plug-ins.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use wasmtime::Linker;

use crate::current_plugin::CurrentPlugin;
use crate::engine::Flavor;
use crate::error::{BoxError, Error, ErrorKind};
use crate::outcome::one_line;
use crate::state::State;
use crate::trace;

/// Expands a macro for each number of parameters that a closure may have, with names for their types and values.
macro_rules! for_each_arity {
    ($closures:ident) => {
        $closures!();
        $closures!(A a);
        $closures!(A a, B b);
        $closures!(A a, B b, C c);
        $closures!(A a, B b, C c, D d);
        $closures!(A a, B b, C c, D d, E e);
        $closures!(A a, B b, C c, D d, E e, G g);
        $closures!(A a, B b, C c, D d, E e, G g, H h);
        $closures!(A a, B b, C c, D d, E e, G g, H h, I i);
    };
}
use for_each_arity;

mod asynchronous;
mod import;
mod raw;
mod typed;
mod value;

pub use asynchronous::IntoAsyncHostFunction;
pub use import::FunctionImport;
pub(crate) use import::{Tailor, made_to_measure};
pub use raw::{BoxFuture, Val, ValType};
pub use typed::{IntoHostFunction, WithPlugin};
pub use value::{FromBlock, HostParam, HostResult, HostValue, IntoBlock, WasmScalar};

/// The module that host functions belong to unless another is named.
pub const DEFAULT_MODULE: &str = "extism:host/user";

/// A second module in which functions of the default module are offered: the classic Go guests import from it.
pub(crate) const FALLBACK_MODULE: &str = "env";

type Define = dyn Fn(&mut Linker<State>, &str, Flavor, Arc<Identity>) -> wasmtime::Result<()> + Send + Sync;

/// A function that a host lends to its plug-ins.
///
/// It may be cloned and given to any number of plug-ins. Make one from a closure with [`new`](Self::new) or
/// [`new_async`](Self::new_async), or from a function over WebAssembly values with [`raw`](Self::raw).
#[derive(Clone)]
pub struct HostFunction {
    module: Option<String>,
    identity: Arc<Identity>,
    params: Vec<ValType>,
    results: Vec<ValType>,
    define: Arc<Define>,
}

/// What a running host function must know of itself.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    name: String,
    errors_as_values: bool,
}

impl HostFunction {
    /// A host function from a closure of 0 to 8 typed parameters, optionally after a `&mut CurrentPlugin<'_>`.
    ///
    /// Integers, floats and `bool` are passed as WebAssembly values. Strings, byte vectors and the wrappers
    /// [`Json`](crate::Json) and [`Msgpack`](crate::Msgpack) are passed as a block of memory: the guest keeps
    /// the blocks that it passes, and owns the block that it gets. `Option` is the null block for `None`. A `Result`'s
    /// error ends the plug-in's call, see also [`errors_as_values`](Self::errors_as_values).
    pub fn new<M>(name: impl Into<String>, function: impl IntoHostFunction<M>) -> Self {
        function.into_host_function(name.into())
    }

    /// Like [`new`](Self::new), from a closure that returns a future.
    ///
    /// The guest waits as for any function. Under [`Plugin::call_async`](crate::Plugin::call_async) the thread does
    /// not. The future is dropped when the call's deadline passes or the call is cancelled.
    pub fn new_async<M>(name: impl Into<String>, function: impl IntoAsyncHostFunction<M>) -> Self {
        function.into_host_function(name.into())
    }

    /// A function of these types in the default module, which `define` adds to linkers.
    fn assemble(
        name: String,
        params: Vec<ValType>,
        results: Vec<ValType>,
        define: impl Fn(&mut Linker<State>, &str, Flavor, Arc<Identity>) -> wasmtime::Result<()>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let identity = Arc::new(Identity { name, errors_as_values: false });
        Self { module: None, identity, params, results, define: Arc::new(define) }
    }

    /// Offers the function in this module alone, instead of in `extism:host/user` and `env`.
    pub fn in_module(mut self, module: impl Into<String>) -> Self {
        self.module = Some(module.into());
        self
    }

    /// Lets the guest receive an error of this function as a value.
    ///
    /// The function then returns 0 (the null block), and the guest gets the message from the import
    /// `plugwright:host/env` `host_error_take() -> i64`. Without this, an error ends the plug-in's call with
    /// [`ErrorKind::HostFunction`].
    pub fn errors_as_values(mut self) -> Self {
        self.identity = Arc::new(Identity { errors_as_values: true, ..Identity::clone(&self.identity) });
        self
    }

    /// The function's name.
    pub fn name(&self) -> &str {
        &self.identity.name
    }

    /// The modules that the function is offered in.
    pub(crate) fn modules(&self) -> Vec<&str> {
        match &self.module {
            Some(module) => vec![module],
            None => vec![DEFAULT_MODULE, FALLBACK_MODULE],
        }
    }

    /// The module that was chosen explicitly.
    pub fn module(&self) -> Option<&str> {
        self.module.as_deref()
    }

    /// The types of the parameters as WebAssembly sees them.
    pub fn params(&self) -> &[ValType] {
        &self.params
    }

    /// The types of the results as WebAssembly sees them.
    pub fn results(&self) -> &[ValType] {
        &self.results
    }

    pub(crate) fn define(
        &self,
        linker: &mut Linker<State>,
        module: &str,
        flavor: Flavor,
    ) -> wasmtime::Result<()> {
        (self.define)(linker, module, flavor, self.identity.clone())
    }
}

impl fmt::Debug for HostFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostFunction")
            .field("module", &self.module)
            .field("name", &self.identity.name)
            .field("params", &self.params)
            .field("results", &self.results)
            .finish_non_exhaustive()
    }
}

/// Why a host function gave no result.
#[derive(Debug)]
pub enum Failure {
    /// The function itself returned this error.
    Function(BoxError),
    /// A value could not be passed, or the call must stop.
    Runtime(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Runtime(error)
    }
}

impl Identity {
    /// Runs a host function's body; a panic becomes an error of the function.
    #[inline]
    fn guard<T>(&self, body: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        if tracing::enabled!(target: trace::TARGET, tracing::Level::DEBUG) {
            return trace::span(&self.name).in_scope(|| catch(body));
        }
        catch(body)
    }
}

/// A panic becomes an error of the function.
#[inline]
fn catch<T>(body: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(panicked(&*panic)))
}

impl Identity {
    /// What the guest gets: the result, or for an error the end of the call, or a zero and the message.
    #[inline]
    fn finish<T: Default>(
        &self,
        plugin: &mut CurrentPlugin<'_>,
        outcome: Result<T, Failure>,
    ) -> wasmtime::Result<T> {
        match outcome {
            Ok(result) => {
                if self.errors_as_values {
                    plugin.set_host_error(None);
                }
                Ok(result)
            }
            Err(failure) => self.fail(plugin, failure).map(|()| T::default()),
        }
    }

    /// Ends the call, or keeps the message for the guest.
    #[cold]
    fn fail(&self, plugin: &mut CurrentPlugin<'_>, failure: Failure) -> wasmtime::Result<()> {
        let source = match failure {
            Failure::Runtime(error) => return Err(wasmtime::Error::new(error)),
            Failure::Function(source) => source,
        };
        if self.errors_as_values {
            let message = source.to_string();
            // A message without bytes would be the null block, which means that there was no error.
            let message =
                if message.is_empty() { format!("host function `{}` failed", self.name) } else { message };
            plugin.set_host_error(Some(message));
            return Ok(());
        }
        let reason = one_line(&source.to_string());
        let message = format!("host function `{}` failed: {reason}", self.name);
        let kind = ErrorKind::HostFunction { name: self.name.clone() };
        Err(wasmtime::Error::new(Error::new(kind, message).with_source(source)))
    }
}

#[cold]
fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Failure::Function(format!("panicked: {text}").into())
}
