//! Plug-ins that run on workers elsewhere, over NATS.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use plugwright_remote::{NatsOptions, RemoteError};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::asynchronous::{self, PendingCall};
use crate::builder::duration;
use crate::error::{self, to_python};
use crate::input::Input;
use crate::waiting;

/// How long a call may take if it is bounded, how long it looks for a worker, and how often that says that it is at it.
type Times<'py> = (Option<Bound<'py, PyAny>>, Bound<'py, PyAny>, Bound<'py, PyAny>);

/// A connection to NATS.
#[pyclass(frozen, module = "plugwright._native")]
pub(crate) struct Nats(plugwright_remote::Nats);

/// A plug-in on workers.
#[pyclass(frozen, module = "plugwright._native")]
pub(crate) struct RemotePlugin(plugwright_remote::RemotePlugin);

#[pymethods]
impl Nats {
    #[new]
    #[pyo3(signature = (url, user, token, certificates, identity))]
    fn new(
        py: Python<'_>,
        url: String,
        user: Option<(String, String)>,
        token: Option<String>,
        certificates: Option<PathBuf>,
        identity: Option<(PathBuf, PathBuf)>,
    ) -> PyResult<Self> {
        let mut options = NatsOptions::new(url);
        if let Some((name, password)) = user {
            options = options.user(name, password);
        }
        if let Some(token) = token {
            options = options.token(token);
        }
        if let Some(file) = certificates {
            options = options.certificates(file);
        }
        if let Some((certificate, key)) = identity {
            options = options.identity(certificate, key);
        }
        let connected = waiting::block_on(py, plugwright_remote::Nats::connect_with(options), || Ok(()))?;
        connected.map(Self).map_err(|error| refused(py, &error))
    }

    fn plugin(
        &self,
        py: Python<'_>,
        name: &str,
        times: Times<'_>,
        idempotent: bool,
        max_bytes: usize,
    ) -> PyResult<RemotePlugin> {
        let (timeout, wait, heartbeat) = times;
        let mut plugin = self.0.plugin(name).map_err(|error| refused(py, &error))?;
        if let Some(timeout) = timeout {
            plugin = plugin.timeout(duration(&timeout)?);
        }
        let plugin = plugin.wait(duration(&wait)?).heartbeat(duration(&heartbeat)?);
        Ok(RemotePlugin(plugin.idempotent(idempotent).max_bytes(max_bytes)))
    }
}

#[pymethods]
impl RemotePlugin {
    fn call<'py>(
        &self,
        py: Python<'py>,
        function: &str,
        data: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let input = Bytes::copy_from_slice(Input::of(data)?.bytes()?);
        let output = waiting::block_on(py, self.0.call_bytes(function, input), || Ok(()))?;
        output.map(|output| PyBytes::new(py, &output)).map_err(|error| to_python(py, &error))
    }

    /// Begins a call whose output, or error, the future will get on its event loop.
    fn start_call(
        &self,
        event_loop: Py<PyAny>,
        future: Py<PyAny>,
        function: String,
        data: &Bound<'_, PyAny>,
    ) -> PyResult<PendingCall> {
        let input = Bytes::copy_from_slice(Input::of(data)?.bytes()?);
        let plugin = self.0.clone();
        let action = async move { plugin.call_bytes(&function, input).await };
        asynchronous::start(event_loop, future, Arc::default(), action, |py, output| {
            let output = output.map_err(|error| to_python(py, &error))?;
            Ok(PyBytes::new(py, &output).into_any().unbind())
        })
    }
}

/// Why there is no connection, or no such plug-in.
#[cold]
fn refused(py: Python<'_>, error: &RemoteError) -> PyErr {
    match error {
        RemoteError::Plugin(error) => to_python(py, error),
        RemoteError::Address { .. } | RemoteError::Name { .. } => PyValueError::new_err(error.to_string()),
        RemoteError::File { .. } => PyOSError::new_err(error.to_string()),
        _ => error::new(py, "Unavailable", &error.to_string()),
    }
}
