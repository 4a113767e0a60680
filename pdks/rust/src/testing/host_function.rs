//! Functions that a test lends to the plug-in.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::passing::{Failure, Passing};
use super::value::{HostParam, HostResult};

/// The module that host functions belong to unless another is named.
const DEFAULT_MODULE: &str = "extism:host/user";

/// A second module in which functions of the default module are offered, as hosts do.
const FALLBACK_MODULE: &str = "env";

/// A closure that takes and returns what crosses between guest and host.
#[derive(Clone)]
pub struct Body(Rc<RefCell<RawFunction>>);

type RawFunction = dyn FnMut(&Passing<'_>, &[u64]) -> Result<u64, Failure>;

impl Body {
    /// Runs it; `None` when it is running already.
    pub(super) fn run(&self, passing: &Passing<'_>, values: &[u64]) -> Option<Result<u64, Failure>> {
        self.0.try_borrow_mut().ok().map(|mut function| function(passing, values))
    }
}

/// A function that a test lends to the plug-in; [`Host::host_fn`](super::Host::host_fn) is the short way to one.
#[derive(Clone)]
pub struct HostFunction {
    module: Option<String>,
    name: String,
    errors_as_values: bool,
    body: Body,
}

impl HostFunction {
    /// A host function from a closure of 0 to 6 parameters.
    ///
    /// The types are those of the Rust SDK: integers, floats and `bool` are passed as WebAssembly values; `String`,
    /// `Vec<u8>`, `Json`, and `Option` of these as a block of kernel memory. A `Result`'s error ends the call.
    pub fn new<M>(name: impl Into<String>, function: impl IntoHostFunction<M>) -> Self {
        Self { module: None, name: name.into(), errors_as_values: false, body: function.into_body() }
    }

    /// Offers the function in this module alone, instead of in `extism:host/user` and `env`.
    #[must_use]
    pub fn in_module(mut self, module: impl Into<String>) -> Self {
        self.module = Some(module.into());
        self
    }

    /// Lets the plug-in receive an error of this function as a value, by `host::Result` on its side.
    #[must_use]
    pub fn errors_as_values(mut self) -> Self {
        self.errors_as_values = true;
        self
    }

    /// Whether it is what a plug-in imports by these names.
    pub(super) fn satisfies(&self, module: &str, name: &str) -> bool {
        let in_module = match &self.module {
            Some(own) => own == module,
            None => module == DEFAULT_MODULE || module == FALLBACK_MODULE,
        };
        in_module && self.name == name
    }

    pub(super) fn has_errors_as_values(&self) -> bool {
        self.errors_as_values
    }

    pub(super) fn body(&self) -> &Body {
        &self.body
    }
}

impl fmt::Debug for HostFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostFunction")
            .field("module", &self.module)
            .field("name", &self.name)
            .field("errors_as_values", &self.errors_as_values)
            .finish_non_exhaustive()
    }
}

/// A closure that can be a host function. `M` is always inferred.
#[diagnostic::on_unimplemented(
    message = "this cannot be a host function",
    note = "give a closure with 0 to 6 parameters, all of them numbers, `bool`, `String`, `Vec<u8>`, `Json` or `Option`"
)]
pub trait IntoHostFunction<M> {
    /// The closure in the form that the mock calls.
    fn into_body(self) -> Body;
}

macro_rules! closures {
    ($($param:ident $value:ident),*) => {
        impl<F, R, $($param),*> IntoHostFunction<fn($($param),*) -> R> for F
        where
            F: FnMut($($param),*) -> R + 'static,
            R: HostResult,
            $($param: HostParam,)*
        {
            fn into_body(mut self) -> Body {
                const COUNT: usize = <[&str]>::len(&[$(stringify!($value)),*]);
                Body(Rc::new(RefCell::new(move |passing: &Passing<'_>, values: &[u64]| {
                    let Ok::<[u64; COUNT], _>([$($value),*]) = values.try_into() else {
                        return Err(passing.wrong_count(COUNT, values.len()));
                    };
                    $(let $value = $param::from_raw($value, passing)?;)*
                    self($($value),*).into_raw(passing)
                })))
            }
        }
    };
}

closures!();
closures!(A a);
closures!(A a, B b);
closures!(A a, B b, C c);
closures!(A a, B b, C c, D d);
closures!(A a, B b, C c, D d, E e);
closures!(A a, B b, C c, D d, E e, G g);
