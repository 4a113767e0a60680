//! Host functions: what a program in C lends to its plug-ins.

use std::collections::HashSet;
use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use runtime::{CurrentPlugin, HostFunction, Val, ValType};
use smallvec::SmallVec;

use crate::boundary::{array, guard, reference, text};
use crate::current_plugin::ExtismCurrentPlugin;
use crate::error::{Failure, set_last};
use crate::value::{ExtismVal, RawValType};

/// The most parameters, and results, that WebAssembly allows.
const MAX_VALUES: u64 = 1000;

/// Where a function is for which no module was chosen.
const DEFAULT_MODULE: &str = "extism:host/user";

/// The most functions that a plug-in is given.
const MAX_FUNCTIONS: u64 = 100_000;

/// A length in bytes, or a number of elements.
pub type ExtismSize = u64;

/// A host function's code.
///
/// `plugin` is the plug-in that calls, for this call only. `inputs` are the parameters. `outputs` are the results to be filled in:
/// their types are set and their values are zero. Either is null if there are none. `data` is the function's user data.
///
/// It runs on the thread that called the plug-in. It must return: no exception and no `longjmp` may leave it.
pub type ExtismFunctionType = Option<
    unsafe extern "C" fn(
        plugin: *mut ExtismCurrentPlugin,
        inputs: *const ExtismVal,
        n_inputs: ExtismSize,
        outputs: *mut ExtismVal,
        n_outputs: ExtismSize,
        data: *mut c_void,
    ),
>;

/// Frees what a program attached to something of this library. It runs once, on the thread that let go of it last.
pub type PlugwrightFree = Option<unsafe extern "C" fn(data: *mut c_void)>;

/// A host function, to be lent to any number of plug-ins.
pub struct ExtismFunction {
    name: String,
    inputs: Vec<RawValType>,
    outputs: Vec<RawValType>,
    callback: Arc<Callback>,
    module: Mutex<Option<String>>,
}

/// The module and the name that guests import a function by.
pub(crate) type Place = (String, String);

/// A pointer of the program's, which it wants back.
pub(crate) struct UserData {
    pointer: *mut c_void,
    free: PlugwrightFree,
}

// SAFETY: the pointer is never followed here. Whoever passes it promises (in the header) that the functions which get it may run
// on any thread that uses the plug-in.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

impl UserData {
    /// `free` is called with `pointer` when this is dropped.
    ///
    /// # Safety
    ///
    /// `free` may be called with `pointer`, from any thread.
    pub(crate) unsafe fn new(pointer: *mut c_void, free: PlugwrightFree) -> Self {
        Self { pointer, free }
    }

    pub(crate) fn pointer(&self) -> *mut c_void {
        self.pointer
    }
}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(free) = self.free {
            // SAFETY: `new` was promised that this may be done, and a value is dropped once.
            unsafe { free(self.pointer) };
        }
    }
}

/// The program's code with its data. When the last function and the last plug-in let go of it, the data is freed.
struct Callback {
    function: unsafe extern "C" fn(
        *mut ExtismCurrentPlugin,
        *const ExtismVal,
        ExtismSize,
        *mut ExtismVal,
        ExtismSize,
        *mut c_void,
    ),
    data: UserData,
}

/// Few functions have more values.
type Vals = SmallVec<[ExtismVal; 8]>;

impl Callback {
    /// Lets the program's code run for a guest.
    fn run(&self, plugin: &mut CurrentPlugin<'_>, params: &[Val], results: &mut [Val]) -> Result<(), String> {
        let convert = |value: &Val| {
            ExtismVal::from_runtime(*value)
                .ok_or_else(|| format!("cannot pass a value of type {}", value.ty()))
        };
        let inputs = params.iter().map(convert).collect::<Result<Vals, _>>()?;
        let mut outputs = results.iter().map(convert).collect::<Result<Vals, _>>()?;
        // An array without values is null: bindings take any other pointer for one to a value.
        ExtismCurrentPlugin::lend(plugin, |plugin| {
            // SAFETY: `extism_function_new` was promised a function of this type that may be called with this data. The arrays
            // have the lengths given, and all of it stays until the function returns.
            unsafe {
                (self.function)(
                    plugin,
                    if inputs.is_empty() { ptr::null() } else { inputs.as_ptr() },
                    inputs.len() as u64,
                    if outputs.is_empty() { ptr::null_mut() } else { outputs.as_mut_ptr() },
                    outputs.len() as u64,
                    self.data.pointer(),
                );
            }
        })?;
        for (index, (output, result)) in outputs.iter().zip(results).enumerate() {
            *result = match output.to_runtime() {
                Some(value) if value.ty() == result.ty() => value,
                _ => {
                    let (found, declared) = (output.t.name(), result.ty());
                    return Err(format!("result {index} was set to {found}, but is declared as {declared}"));
                }
            };
        }
        Ok(())
    }
}

impl ExtismFunction {
    /// The function as the runtime has it.
    ///
    /// # Errors
    ///
    /// When it has a type that cannot be passed.
    pub(crate) fn host_function(&self) -> Result<HostFunction, Failure> {
        let (params, results) = (self.types(&self.inputs)?, self.types(&self.outputs)?);
        let callback = self.callback.clone();
        let function =
            HostFunction::raw(self.name.clone(), params, results, move |plugin, params, results| {
                callback.run(plugin, params, results).map_err(Into::into)
            });
        let module = self.module.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(match module {
            Some(module) => function.in_module(module),
            None => function,
        })
    }

    /// Where guests import it from.
    pub(crate) fn place(&self) -> Place {
        let module = self.module.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (module.unwrap_or_else(|| DEFAULT_MODULE.to_owned()), self.name.clone())
    }

    fn types(&self, types: &[RawValType]) -> Result<Vec<ValType>, Failure> {
        let usable = |ty: &RawValType| {
            ty.usable().ok_or_else(|| {
                let text = format!(
                    "host function `{}` has a value of {}; only I32, I64, F32 and F64 can be passed",
                    self.name,
                    ty.name()
                );
                Failure::argument(text)
            })
        };
        types.iter().map(usable).collect()
    }
}

/// The functions that C lends to a plug-in.
///
/// # Safety
///
/// `functions` is null or points to `n` pointers, each null or of a function that is not freed meanwhile.
pub(crate) unsafe fn read_all(
    functions: *const *const ExtismFunction,
    n: u64,
) -> Result<Vec<HostFunction>, Failure> {
    if n > MAX_FUNCTIONS {
        return Err(Failure::argument(format!("{n} functions are more than a plug-in can have")));
    }
    // SAFETY: the caller promises it; the array is needed for as long as this function runs.
    let functions = unsafe { array(functions, n, "the array of functions") }?;
    let functions = functions.iter().enumerate().map(|(index, function)| {
        // SAFETY: the caller promises it, and the function is needed for as long as this closure runs.
        let function = unsafe { reference(*function) };
        let function = function.ok_or_else(|| Failure::argument(format!("function {index} is null")))?;
        Ok((function.place(), function.host_function()?))
    });
    Ok(last_of_each(functions.collect::<Result<_, Failure>>()?))
}

/// Of the functions at the same place the last one, as in the public library: some bindings pass every function that was ever made,
/// also those that a program has replaced.
pub(crate) fn last_of_each<T>(functions: Vec<(Place, T)>) -> Vec<T> {
    let mut places = HashSet::new();
    let mut kept: Vec<T> = functions
        .into_iter()
        .rev()
        .filter_map(|(place, function)| places.insert(place).then_some(function))
        .collect();
    kept.reverse();
    kept
}

/// Makes a host function. It is freed by `extism_function_free`.
///
/// - `name`: what plug-ins import it as, in UTF-8.
/// - `inputs`, `outputs`: the types of the `n_inputs` parameters and `n_outputs` results; null if there are none. At most 1000
///   each. They are copied. A type that cannot be passed is no error here, but of the plug-in that gets the function.
/// - `func`: its code. It may run on any thread that calls a plug-in, and on several at once.
/// - `user_data`: passed to each call of `func`; may be null.
/// - `free_user_data`: called once with `user_data`, when the function and all plug-ins that have it are freed; may be null.
///
/// Returns null, and takes nothing over, if `name` is null or not UTF-8, `func` is null, or an array is null with a length
/// other than 0 or too long. `plugwright_last_error` says why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_function_new(
    name: *const c_char,
    inputs: *const RawValType,
    n_inputs: ExtismSize,
    outputs: *const RawValType,
    n_outputs: ExtismSize,
    func: ExtismFunctionType,
    user_data: *mut c_void,
    free_user_data: PlugwrightFree,
) -> *mut ExtismFunction {
    let make = || {
        let function = func.ok_or_else(|| Failure::argument("the function's code is null"))?;
        if n_inputs.max(n_outputs) > MAX_VALUES {
            let text = format!("a function can have {MAX_VALUES} parameters and results each");
            return Err(Failure::argument(text));
        }
        // SAFETY: the caller promises texts and arrays that are valid during this call.
        let (name, inputs, outputs) = unsafe {
            (
                text(name, "the function's name")?,
                array(inputs, n_inputs, "the array of parameter types")?,
                array(outputs, n_outputs, "the array of result types")?,
            )
        };
        // SAFETY: the caller promises it. Nothing fails from here on, which would free what the caller keeps.
        let data = unsafe { UserData::new(user_data, free_user_data) };
        Ok(ExtismFunction {
            name: name.to_owned(),
            inputs: inputs.to_vec(),
            outputs: outputs.to_vec(),
            callback: Arc::new(Callback { function, data }),
            module: Mutex::new(None),
        })
    };
    guard(ptr::null_mut(), || match make() {
        Ok(function) => Box::into_raw(Box::new(function)),
        Err(failure) => {
            set_last(&failure);
            ptr::null_mut()
        }
    })
}

/// Names the module that plug-ins import the function from. Without this it is `extism:host/user`, and `env`.
///
/// It concerns plug-ins that are made afterwards. Nothing happens if one of the two is null or the name is not UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_function_set_namespace(ptr: *mut ExtismFunction, namespace_: *const c_char) {
    guard((), || {
        // SAFETY: the caller promises a function that is not freed meanwhile, and a text that stays as long.
        let (function, namespace) = unsafe { (reference(ptr), text(namespace_, "the namespace")) };
        match (function, namespace) {
            (Some(function), Ok(namespace)) => {
                let mut module = function.module.lock().unwrap_or_else(PoisonError::into_inner);
                *module = Some(namespace.to_owned());
            }
            (None, _) => set_last(&Failure::argument("the function is null")),
            (_, Err(failure)) => set_last(&failure),
        }
    });
}

/// Frees a host function. Plug-ins that have it keep what they need of it; so it may be freed as soon as they are made.
///
/// Nothing happens for null. A function is freed once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_function_free(f: *mut ExtismFunction) {
    guard((), || {
        if !f.is_null() {
            // SAFETY: the caller got it from `extism_function_new`, and nobody uses it any more.
            drop(unsafe { Box::from_raw(f) });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::last_of_each;

    #[test]
    fn the_last_function_at_a_place_counts() {
        let place = |module: &str, name: &str| (module.to_owned(), name.to_owned());
        let functions =
            vec![(place("m", "a"), 1), (place("m", "b"), 2), (place("other", "a"), 3), (place("m", "a"), 4)];
        assert_eq!(last_of_each(functions), [2, 3, 4]);
    }
}
