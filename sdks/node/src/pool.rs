//! Pools: instances of one plug-in, called on all processors.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::call::{Ended, Outcome, duration};
use crate::compiled::{CompiledPlugin, Names};
use crate::environment::{self, Environment};
use crate::exchange::Exchange;
use crate::instance::{Begun, Manner, call_plugin, input_bytes, start};
use crate::log::LogQueue;
use crate::threads;

/// Instances of one plug-in.
#[napi]
pub(crate) struct NativePool {
    /// `None` once it is closed.
    pool: Option<plugwright::Pool>,
    names: Names,
    logs: Arc<LogQueue>,
    max: u32,
}

#[napi]
impl NativePool {
    /// A pool of at most `max` instances.
    #[napi(constructor)]
    pub fn new(compiled: &CompiledPlugin, max: u32) -> Self {
        let pool = plugwright::Pool::new(compiled.plugin.clone(), max as usize);
        Self { pool: Some(pool), max, names: compiled.names.clone(), logs: compiled.logs.clone() }
    }

    /// Begins a call of some instance, as `NativePlugin.start` does. `acquire_timeout` is how long to wait for one, in milliseconds.
    #[napi]
    pub fn start(
        &self,
        entry: u32,
        len: u32,
        input: Option<Uint8Array>,
        timeout: Option<f64>,
        acquire_timeout: Option<f64>,
    ) -> napi::Result<u32> {
        let name = self.names.get(entry)?.clone();
        let Some(pool) = self.pool.clone() else {
            return Err(napi::Error::from_reason("the pool has been closed"));
        };
        let logs = self.logs.clone();
        let acquire_timeout = acquire_timeout.map(duration).transpose()?.flatten();
        timeout.map(duration).transpose()?;
        let manner = Manner::There(threads::handle()?);
        environment::with(|thread| {
            let input = input_bytes(thread, len, input.as_ref())?;
            // Calls stand in line in the order in which they are made, whichever thread takes which of them up.
            let mut acquiring = Box::pin(async move { pool.acquire_async(acquire_timeout).await });
            let at_once = acquiring.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            let begin = |_: &mut Environment, exchange: Arc<Exchange>| {
                let work = Box::pin(async move {
                    let acquired = match at_once {
                        Poll::Ready(acquired) => Some(acquired),
                        Poll::Pending => exchange.run(acquiring).await,
                    };
                    let outcome = match acquired {
                        Some(Ok(mut plugin)) => {
                            match call_plugin(&mut plugin, &name, &input, &exchange, timeout).await {
                                // The instance is somebody else's as soon as it can be.
                                Some(Ok(())) => Outcome::Output(Some(plugin.output().to_vec())),
                                Some(Err(error)) => Outcome::Error(error),
                                None => Outcome::Cancelled,
                            }
                        }
                        Some(Err(error)) => Outcome::Error(error),
                        None => Outcome::Cancelled,
                    };
                    Ended { instance: None, outcome }
                });
                Begun { work, is_ready: false }
            };
            Ok(start(thread, manner, None, logs, begin))
        })
    }

    /// The most instances that are out at a time.
    #[napi(getter)]
    pub fn max(&self) -> u32 {
        self.max
    }

    /// Frees the instances.
    #[napi]
    pub fn close(&mut self) {
        self.pool = None;
    }
}
