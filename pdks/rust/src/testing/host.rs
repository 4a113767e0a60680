//! The host that a test makes.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::current;
use super::error::{Error, ErrorKind};
use super::host_function::{HostFunction, IntoHostFunction};
use super::http::{IntoResponse, Request};
use super::state::{Log, State};
use crate::{FromBytesOwned, LogLevel, ToBytes};

/// A host for unit tests: describe it, [`call`](Self::call) functions of the plug-in, look at what they left behind.
///
/// A host belongs to the thread that made it; tests on other threads have their own and do not notice each other.
pub struct Host {
    state: Rc<RefCell<State>>,
}

impl Host {
    /// A host that gives nothing: no config, no variables, no host functions, no HTTP. It listens to all logs.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Rc::new(RefCell::new(State::new())) }
    }

    /// Sets a config value.
    #[must_use]
    pub fn config(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.change(|state| drop(state.config.insert(key.into(), value.into())))
    }

    /// Sets a variable, from whatever `var::set` takes.
    ///
    /// A value without bytes, or one that does not fit, is an error of each call.
    #[must_use]
    pub fn var<'a>(self, key: impl AsRef<[u8]>, value: impl ToBytes<'a>) -> Self {
        self.change(|state| {
            let bytes = value.to_bytes().map_err(|error| Error::new(ErrorKind::Encode, error.to_string()));
            let set = bytes.and_then(|bytes| state.vars.set(key.as_ref().to_vec(), bytes.as_ref().to_vec()));
            if let Err(error) = set {
                state.mistake = Some(error);
            }
        })
    }

    /// Limits the bytes of all variables, keys and values together; 0 turns variables off. The default is 1 MiB.
    #[must_use]
    pub fn max_var_bytes(self, bytes: u64) -> Self {
        self.change(|state| state.vars.max_bytes = bytes)
    }

    /// Limits the bytes that the plug-in may have allocated at a time: beyond, `alloc` gives 0. The default is 1 GiB.
    #[must_use]
    pub fn max_memory_bytes(self, bytes: u64) -> Self {
        self.change(|state| state.blocks.max_bytes = bytes)
    }

    /// The least severe level that the host listens to, or `None` for no messages at all. The default is
    /// [`LogLevel::Trace`].
    #[must_use]
    pub fn log_level(self, level: impl Into<Option<LogLevel>>) -> Self {
        self.change(|state| state.log_level = level.into())
    }

    /// Lends the plug-in a function of the default module, as [`HostFunction::new`] makes it.
    ///
    /// A function of the same name and module that was declared before is replaced.
    #[must_use]
    pub fn host_fn<M>(self, name: impl Into<String>, function: impl IntoHostFunction<M>) -> Self {
        self.host_function(HostFunction::new(name, function))
    }

    /// Lends the plug-in a function of this module.
    #[must_use]
    pub fn host_fn_in<M>(
        self,
        module: impl Into<String>,
        name: impl Into<String>,
        function: impl IntoHostFunction<M>,
    ) -> Self {
        self.host_function(HostFunction::new(name, function).in_module(module))
    }

    /// Lends the plug-in this function.
    #[must_use]
    pub fn host_function(self, function: HostFunction) -> Self {
        self.change(|state| state.host_functions.push(function))
    }

    /// Answers the plug-in's HTTP requests. Without this, they end the call.
    #[must_use]
    pub fn http<R: IntoResponse>(self, mut responder: impl FnMut(&Request) -> R + 'static) -> Self {
        self.change(|state| {
            state.responder =
                Some(Rc::new(RefCell::new(move |request: &Request| responder(request).into_response())));
        })
    }

    /// Whether the plug-in sees the headers of responses. As on a host, it does not unless you say so.
    #[must_use]
    pub fn http_response_headers(self, shown: bool) -> Self {
        self.change(|state| state.shows_headers = shown)
    }

    /// Calls an exported function of the plug-in with this input, and decodes its output.
    ///
    /// What `#[plugin_fn]` makes of a function is one. Wrap an export that you wrote by hand and that returns nothing:
    /// `|| { tick(); 0 }`.
    ///
    /// # Errors
    ///
    /// What would be an error on a host: the function returned a code other than 0, panicked, broke a rule of the
    /// contract or reached a limit; a host function or HTTP request failed; input or output have the wrong form. Also
    /// when a call is running on this thread already.
    ///
    /// # Panics
    ///
    /// When a closure of the test panics: an assertion in a host function fails the test.
    pub fn call<'a, O: FromBytesOwned>(
        &self,
        function: impl FnOnce() -> i32,
        input: impl ToBytes<'a>,
    ) -> Result<O, Error> {
        let input = input.to_bytes().map_err(|error| {
            Error::new(ErrorKind::Encode, format!("cannot encode the input of the call: {error}"))
        })?;
        let code = self.enter(input.as_ref().to_vec(), function)?;
        let output = self.state.borrow().finish(code)?;
        O::from_bytes_owned(&output).map_err(|error| {
            Error::new(ErrorKind::Decode, format!("cannot decode the output of the call: {error}"))
        })
    }

    /// Runs any code of the plug-in with this host, with an empty input: to test a function that is not exported.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call), as far as they can happen.
    ///
    /// # Panics
    ///
    /// As [`call`](Self::call).
    pub fn run<R>(&self, code: impl FnOnce() -> R) -> Result<R, Error> {
        self.enter(Vec::new(), code)
    }

    /// The value of a variable, `None` if there is none.
    ///
    /// # Errors
    ///
    /// Its bytes are not a `T`.
    pub fn get_var<T: FromBytesOwned>(&self, key: impl AsRef<[u8]>) -> Result<Option<T>, Error> {
        let state = self.state.borrow();
        let value = state.vars.get(key.as_ref()).map(|bytes| T::from_bytes_owned(bytes));
        value.transpose().map_err(|error| {
            let key = String::from_utf8_lossy(key.as_ref()).into_owned();
            Error::new(ErrorKind::Decode, format!("cannot decode the variable `{key}`: {error}"))
        })
    }

    /// What the last call logged, in order.
    #[must_use]
    pub fn logs(&self) -> Vec<Log> {
        self.state.borrow().logs.clone()
    }

    fn change(self, change: impl FnOnce(&mut State)) -> Self {
        change(&mut self.state.borrow_mut());
        self
    }

    fn enter<R>(&self, input: Vec<u8>, code: impl FnOnce() -> R) -> Result<R, Error> {
        if let Some(mistake) = &self.state.borrow().mistake {
            return Err(mistake.clone());
        }
        current::enter(&self.state, input, code)
    }
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.borrow();
        f.debug_struct("Host")
            .field("config", &state.config)
            .field("vars", &state.vars)
            .field("host_functions", &state.host_functions)
            .finish_non_exhaustive()
    }
}
