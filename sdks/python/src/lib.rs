//! `plugwright._native`: what the Python package needs of the runtime, and nothing that Python could do as well.
//!
//! Types, defaults, annotations and codecs are the package's business. Here are plug-ins, their memory as buffers, host functions
//! as callables, and waiting: without the interpreter's lock, and with an open ear for signals.

mod asynchronous;
mod block;
mod builder;
mod compiled;
mod coroutine;
mod current_plugin;
mod error;
mod gate;
mod host_function;
mod input;
mod log;
mod output;
mod plugin;
mod pool;
mod python;
mod remote;
mod signals;
mod sys;
mod unwanted;
mod waiting;

use pyo3::prelude::*;

/// The native part of `plugwright`; use the package.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::asynchronous::{PendingCall, shut_down};
    #[pymodule_export]
    use crate::block::Block;
    #[pymodule_export]
    use crate::compiled::CompiledPlugin;
    #[pymodule_export]
    use crate::current_plugin::CurrentPlugin;
    #[pymodule_export]
    use crate::host_function::HostFunction;
    #[pymodule_export]
    use crate::log::set_log_sink;
    #[pymodule_export]
    use crate::output::OutputView;
    #[pymodule_export]
    use crate::plugin::{CancelHandle, Plugin};
    #[pymodule_export]
    use crate::pool::Pool;
    #[pymodule_export]
    use crate::remote::{Nats, RemotePlugin};
    #[pymodule_export]
    use crate::signals::set_main_thread;

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
