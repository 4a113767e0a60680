//! Host functions over WebAssembly values, for whoever binds another language or knows types only at run time.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use smallvec::SmallVec;
use wasmtime::{Caller, Engine, FuncType};

use super::asynchronous::{block_on, wait};
use super::{Failure, HostFunction, Identity, catch};
use crate::current_plugin::CurrentPlugin;
use crate::engine::Flavor;
use crate::error::{BoxError, Error, ErrorKind, Result};
use crate::state::State;

/// A future on the heap, as raw async host functions return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The type of a WebAssembly value that crosses between a host function and its guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValType {
    /// A 32-bit integer.
    I32,
    /// A 64-bit integer; also an offset in kernel memory.
    I64,
    /// A 32-bit float.
    F32,
    /// A 64-bit float.
    F64,
    /// A 128-bit vector.
    V128,
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::V128 => "v128",
        })
    }
}

impl ValType {
    fn to_engine(self) -> wasmtime::ValType {
        match self {
            Self::I32 => wasmtime::ValType::I32,
            Self::I64 => wasmtime::ValType::I64,
            Self::F32 => wasmtime::ValType::F32,
            Self::F64 => wasmtime::ValType::F64,
            Self::V128 => wasmtime::ValType::V128,
        }
    }

    /// `None` for references.
    pub(super) fn from_engine(ty: &wasmtime::ValType) -> Option<Self> {
        match ty {
            wasmtime::ValType::I32 => Some(Self::I32),
            wasmtime::ValType::I64 => Some(Self::I64),
            wasmtime::ValType::F32 => Some(Self::F32),
            wasmtime::ValType::F64 => Some(Self::F64),
            wasmtime::ValType::V128 => Some(Self::V128),
            wasmtime::ValType::Ref(_) => None,
        }
    }

    fn zero(self) -> Val {
        match self {
            Self::I32 => Val::I32(0),
            Self::I64 => Val::I64(0),
            Self::F32 => Val::F32(0.0),
            Self::F64 => Val::F64(0.0),
            Self::V128 => Val::V128(0),
        }
    }
}

/// A WebAssembly value.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Val {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer; also an offset in kernel memory.
    I64(i64),
    /// A 32-bit float.
    F32(f32),
    /// A 64-bit float.
    F64(f64),
    /// A 128-bit vector.
    V128(u128),
}

impl Val {
    /// The value's type.
    pub fn ty(self) -> ValType {
        match self {
            Self::I32(_) => ValType::I32,
            Self::I64(_) => ValType::I64,
            Self::F32(_) => ValType::F32,
            Self::F64(_) => ValType::F64,
            Self::V128(_) => ValType::V128,
        }
    }

    /// An offset in kernel memory, if the value is a 64-bit integer.
    pub fn offset(self) -> Option<u64> {
        match self {
            Self::I64(offset) => Some(offset as u64),
            _ => None,
        }
    }

    fn from_engine(value: &wasmtime::Val) -> Result<Self> {
        Ok(match value {
            wasmtime::Val::I32(value) => Self::I32(*value),
            wasmtime::Val::I64(value) => Self::I64(*value),
            wasmtime::Val::F32(bits) => Self::F32(f32::from_bits(*bits)),
            wasmtime::Val::F64(bits) => Self::F64(f64::from_bits(*bits)),
            wasmtime::Val::V128(value) => Self::V128(value.as_u128()),
            _ => return Err(Error::new(ErrorKind::Signature, "host functions cannot take references")),
        })
    }

    fn to_engine(self) -> wasmtime::Val {
        match self {
            Self::I32(value) => wasmtime::Val::I32(value),
            Self::I64(value) => wasmtime::Val::I64(value),
            Self::F32(value) => wasmtime::Val::F32(value.to_bits()),
            Self::F64(value) => wasmtime::Val::F64(value.to_bits()),
            Self::V128(value) => wasmtime::Val::V128(value.into()),
        }
    }
}

/// The type of a raw function.
struct Types {
    params: Vec<ValType>,
    results: Vec<ValType>,
}

impl Types {
    fn new(params: impl IntoIterator<Item = ValType>, results: impl IntoIterator<Item = ValType>) -> Self {
        Self { params: params.into_iter().collect(), results: results.into_iter().collect() }
    }

    fn to_engine(&self, engine: &Engine) -> FuncType {
        let list = |types: &[ValType]| types.iter().map(|ty| ty.to_engine()).collect::<Vec<_>>();
        FuncType::new(engine, list(&self.params), list(&self.results))
    }
}

/// Values of one call; few functions have more than eight.
type Vals = SmallVec<[Val; 8]>;

impl HostFunction {
    /// A host function over WebAssembly values.
    ///
    /// `function` gets the parameters and fills the results in, which are zero to begin with. A result of another
    /// type than declared ends the call with [`ErrorKind::Signature`].
    pub fn raw<F>(
        name: impl Into<String>,
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
        function: F,
    ) -> Self
    where
        F: for<'a, 'b> Fn(&'a mut CurrentPlugin<'b>, &'a [Val], &'a mut [Val]) -> Result<(), BoxError>
            + Send
            + Sync
            + 'static,
    {
        let function = Arc::new(function);
        let types = Types::new(params, results);
        Self::assemble(
            name.into(),
            types.params.clone(),
            types.results.clone(),
            move |linker, module, _, identity: Arc<Identity>| {
                let ty = types.to_engine(linker.engine());
                let result_types = types.results.clone();
                let function = function.clone();
                let name = identity.name.clone();
                linker.func_new(module, &name, ty, move |caller: Caller<'_, State>, params, results| {
                    let mut plugin = CurrentPlugin::new(caller);
                    let mut values = zeros(&result_types);
                    let outcome = identity.guard(|| {
                        plugin.check_interrupts()?;
                        let params = from_engine(params)?;
                        function(&mut plugin, &params, &mut values).map_err(Failure::Function)
                    });
                    if outcome.is_err() {
                        values = zeros(&result_types);
                    }
                    identity.finish(&mut plugin, outcome)?;
                    to_engine(&identity.name, &values, &result_types, results)
                })?;
                Ok(())
            },
        )
    }

    /// Like [`raw`](Self::raw), with a future that may use the plug-in while it waits.
    pub fn raw_async<F>(
        name: impl Into<String>,
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
        function: F,
    ) -> Self
    where
        F: for<'a, 'b> Fn(
                &'a mut CurrentPlugin<'b>,
                &'a [Val],
                &'a mut [Val],
            ) -> BoxFuture<'a, Result<(), BoxError>>
            + Send
            + Sync
            + 'static,
    {
        let function = Arc::new(function);
        let types = Types::new(params, results);
        Self::assemble(
            name.into(),
            types.params.clone(),
            types.results.clone(),
            move |linker, module, flavor, identity: Arc<Identity>| {
                let ty = types.to_engine(linker.engine());
                let body = Arc::new(AsyncBody {
                    identity: identity.clone(),
                    results: types.results.clone(),
                    function: function.clone(),
                });
                match flavor {
                    Flavor::Blocking => {
                        linker.func_new(module, &identity.name, ty, move |caller, params, results| {
                            block_on(body.run(CurrentPlugin::new(caller), params, results))
                        })?
                    }
                    Flavor::Async => linker.func_new_async(
                        module,
                        &identity.name,
                        ty,
                        move |caller, params, results| {
                            let body = body.clone();
                            Box::new(
                                async move { body.run(CurrentPlugin::new(caller), params, results).await },
                            )
                        },
                    )?,
                };
                Ok(())
            },
        )
    }
}

/// A raw async host function, as it is linked.
struct AsyncBody<F> {
    identity: Arc<Identity>,
    results: Vec<ValType>,
    function: Arc<F>,
}

impl<F> AsyncBody<F>
where
    F: for<'a, 'b> Fn(
        &'a mut CurrentPlugin<'b>,
        &'a [Val],
        &'a mut [Val],
    ) -> BoxFuture<'a, Result<(), BoxError>>,
{
    async fn run(
        &self,
        mut plugin: CurrentPlugin<'_>,
        params: &[wasmtime::Val],
        results: &mut [wasmtime::Val],
    ) -> wasmtime::Result<()> {
        plugin.check_interrupts().map_err(wasmtime::Error::new)?;
        let interrupts = plugin.interrupts();
        let runtime = plugin.host_runtime().map_err(wasmtime::Error::new)?;
        let mut values = zeros(&self.results);
        let outcome = match from_engine(params) {
            Ok(params) => {
                let started = catch(|| Ok((self.function)(&mut plugin, &params, &mut values)));
                match started {
                    Ok(future) => {
                        wait(&self.identity.name, interrupts, runtime, async {
                            future.await.map_err(Failure::Function)
                        })
                        .await
                    }
                    Err(failure) => Err(failure),
                }
            }
            Err(error) => Err(Failure::Runtime(error)),
        };
        if outcome.is_err() {
            values = zeros(&self.results);
        }
        self.identity.finish(&mut plugin, outcome)?;
        to_engine(&self.identity.name, &values, &self.results, results)
    }
}

/// Results that are not set yet, or that a failed function leaves to a guest that gets its error as a value.
fn zeros(types: &[ValType]) -> Vals {
    types.iter().map(|ty| ty.zero()).collect()
}

fn from_engine(values: &[wasmtime::Val]) -> Result<Vals> {
    values.iter().map(Val::from_engine).collect()
}

fn to_engine(
    name: &str,
    values: &[Val],
    types: &[ValType],
    results: &mut [wasmtime::Val],
) -> wasmtime::Result<()> {
    for ((value, ty), result) in values.iter().zip(types).zip(results) {
        if value.ty() != *ty {
            let message = format!(
                "host function `{name}` returned an {}, but is declared to return an {ty}",
                value.ty()
            );
            return Err(wasmtime::Error::new(Error::new(ErrorKind::Signature, message)));
        }
        *result = value.to_engine();
    }
    Ok(())
}
