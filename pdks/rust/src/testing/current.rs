//! The host of the thread that runs a plug-in's code.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::thread;

use super::error::{Error, ErrorKind};
use super::http::IntoResponse;
use super::panics;
use super::passing::{Failure, Passing};
use super::state::State;

thread_local! {
    static CURRENT: RefCell<Option<Rc<RefCell<State>>>> = const { RefCell::new(None) };
    /// A closure of the test is running: its panics are the test's.
    static IN_TEST_CODE: Cell<bool> = const { Cell::new(false) };
}

/// Whether what runs on this thread now is a plug-in's code.
pub(super) fn is_plugin_code() -> bool {
    CURRENT.with_borrow(Option::is_some) && !IN_TEST_CODE.get()
}

/// Runs code as a plug-in of this host.
pub(super) fn enter<R>(
    state: &Rc<RefCell<State>>,
    input: Vec<u8>,
    code: impl FnOnce() -> R,
) -> Result<R, Error> {
    let _entered = Entered::new(state)?;
    panics::watch();
    state.borrow_mut().begin(input);
    let outcome = catch_unwind(AssertUnwindSafe(code));
    let ended = state.borrow_mut().call.ended.take();
    match (ended, panics::take(), outcome) {
        (Some(error), _, _) => Err(error),
        // On a host, nothing catches a panic.
        (None, Some(message), _) => Err(Error::new(ErrorKind::Trap, message)),
        (None, None, Ok(result)) => Ok(result),
        // A closure of the test panicked: an assertion of the test failed.
        (None, None, Err(panic)) => resume_unwind(panic),
    }
}

/// Calls a function of the contract for the plug-in. When that ends the call, the plug-in's stack is unwound.
///
/// # Panics
///
/// The code runs outside of a [`Host`](super::Host).
pub(crate) fn with<T: Default>(function: impl FnOnce(&mut State) -> Result<T, Error>) -> T {
    let state = current();
    let outcome = {
        let mut state = state.borrow_mut();
        if state.call.ended.is_some() {
            // Destructors of a plug-in that is being stopped.
            return T::default();
        }
        function(&mut state)
    };
    outcome.unwrap_or_else(|error| end(&state, error))
}

/// Calls a host function for the plug-in, with values as WebAssembly has them.
///
/// # Panics
///
/// As [`with`].
pub(crate) fn call_host_fn(module: &str, name: &str, values: &[u64]) -> u64 {
    let state = current();
    if state.borrow().call.ended.is_some() {
        return 0;
    }
    let found =
        state.borrow().host_functions.iter().rev().find(|found| found.satisfies(module, name)).cloned();
    let host_function_error = |message| Error::new(ErrorKind::HostFunction, message);
    let Some(found) = found else {
        let error = host_function_error(format!(
            "the plug-in calls the host function `{name}` of module `{module}`, which the test does not declare: add `.host_fn_in(\"{module}\", \"{name}\", |…| …)` to the `Host`"
        ));
        return end(&state, error);
    };
    let outcome = test_code(|| found.body().run(&Passing::new(name, &state), values));
    let as_value = found.has_errors_as_values();
    match outcome {
        Some(Ok(value)) => {
            if as_value {
                state.borrow_mut().call.host_error = None;
            }
            value
        }
        Some(Err(Failure::Function(message))) if as_value => {
            let message = if message.is_empty() { format!("host function `{name}` failed") } else { message };
            state.borrow_mut().call.host_error = Some(message);
            0
        }
        Some(Err(Failure::Function(message))) => {
            end(&state, host_function_error(format!("host function `{name}` failed: {message}")))
        }
        Some(Err(Failure::Passing(error))) => end(&state, error),
        None => end(&state, host_function_error(format!("host function `{name}` is called while it runs"))),
    }
}

/// Makes an HTTP request for the plug-in and returns the block of the response's body.
///
/// # Panics
///
/// As [`with`].
pub(crate) fn http_request(request: u64, body: u64) -> u64 {
    let request = with(|state| state.http_request(request, body).map(Some));
    let (Some(request), state) = (request, current()) else { return 0 };
    let responder = state.borrow().responder.clone();
    let outcome = match &responder {
        Some(responder) => {
            test_code(|| responder.try_borrow_mut().map(|mut respond| respond(&request).into_response()))
        }
        None => {
            Ok(Err("the test answers no requests; give the `Host` a responder by `.http(|request| …)`"
                .to_owned()))
        }
    };
    match outcome {
        Ok(Ok(response)) => state.borrow_mut().http_respond(response),
        Ok(Err(reason)) => {
            let message = format!("{} {}: {reason}", request.method, request.url);
            end(&state, Error::new(ErrorKind::Http, message))
        }
        Err(_) => end(&state, Error::new(ErrorKind::Http, "a request is made while one is answered")),
    }
}

fn current() -> Rc<RefCell<State>> {
    CURRENT.with_borrow(Clone::clone).unwrap_or_else(|| {
        panic!("plug-in code ran without a host: run it by `Host::call` or `Host::run` of `testing`")
    })
}

/// Ends the plug-in's call: its stack is unwound, unless that is happening already; then the function of the contract does
/// nothing.
fn end<T: Default>(state: &RefCell<State>, error: Error) -> T {
    if thread::panicking() {
        // A destructor, while the plug-in's stack is unwound: what came first counts.
        return T::default();
    }
    state.borrow_mut().call.ended = Some(error);
    // No panic: the hook that prints messages is not called.
    resume_unwind(Box::new(Ended))
}

/// The payload of an unwinding that ends a call.
struct Ended;

/// Runs a closure of the test.
fn test_code<R>(code: impl FnOnce() -> R) -> R {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            IN_TEST_CODE.set(false);
        }
    }
    IN_TEST_CODE.set(true);
    let _leave = Leave;
    code()
}

/// While this lives, the thread has a current host.
struct Entered;

impl Entered {
    fn new(state: &Rc<RefCell<State>>) -> Result<Self, Error> {
        CURRENT.with_borrow_mut(|current| {
            if current.is_some() {
                return Err(Error::contract(
                    "a call is running on this thread: a plug-in and its host functions cannot make another",
                ));
            }
            *current = Some(state.clone());
            Ok(Self)
        })
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(None);
    }
}
