//! Host functions, which are JavaScript's: what a guest imports is linked to a question for it.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};

use napi_derive::napi;
use plugwright::{DEFAULT_MODULE, FunctionImport, HostFunction, Val, ValType};

use crate::exchange::{Exchange, Question};
use crate::sys::Lent;

/// What belongs to one call, and host functions must know.
pub(crate) struct CallContext {
    pub(crate) exchange: Arc<Exchange>,
}

/// A function that JavaScript offers.
#[napi(object)]
#[derive(Clone)]
pub(crate) struct Offer {
    pub module: String,
    pub name: String,
    /// The types, by their numbers in the contract's C interface, when they are not to be those of the import.
    pub params: Option<Vec<u8>>,
    pub results: Option<Vec<u8>>,
    /// Whether the guest gets errors of the function as values.
    pub errors_as_values: bool,
}

/// A function as it was linked.
#[napi(object)]
#[derive(Clone)]
pub(crate) struct Slot {
    /// Its place in the list of offers.
    pub offer: u32,
    pub params: Vec<u8>,
    pub results: Vec<u8>,
}

/// The functions that a plug-in was linked with.
pub(crate) type Slots = Arc<Mutex<Vec<Slot>>>;

/// The module that serves functions of the default one as well.
const FALLBACK_MODULE: &str = "env";

/// Makes host functions for what a plug-in imports, and notes them in `slots`.
///
/// # Errors
/// When an offer has a type that there is not.
pub(crate) fn link(
    offers: Vec<Offer>,
    slots: Slots,
) -> napi::Result<impl Fn(&FunctionImport) -> Option<HostFunction> + Send + Sync + 'static> {
    let mut typed = Vec::new();
    for offer in offers {
        let params = offer.params.as_deref().map(val_types).transpose()?;
        let results = offer.results.as_deref().map(val_types).transpose()?;
        typed.push((offer, params, results));
    }
    Ok(move |import: &FunctionImport| {
        let offered_in = |module: &str| {
            typed.iter().position(|(offer, ..)| offer.module == module && offer.name == import.name)
        };
        let place = offered_in(&import.module)
            .or_else(|| if import.module == FALLBACK_MODULE { offered_in(DEFAULT_MODULE) } else { None })?;
        let (offer, params, results) = &typed[place];
        let params = params.clone().unwrap_or_else(|| import.params.clone());
        let results = results.clone().unwrap_or_else(|| import.results.clone());
        let mut slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.len();
        slots.push(Slot {
            offer: place as u32,
            params: params.iter().copied().map(number).collect(),
            results: results.iter().copied().map(number).collect(),
        });
        let function = asking(slot, &import.name, params, results).in_module(import.module.clone());
        Some(if offer.errors_as_values { function.errors_as_values() } else { function })
    })
}

/// A function that asks JavaScript.
fn asking(slot: usize, name: &str, params: Vec<ValType>, results: Vec<ValType>) -> HostFunction {
    let types: Arc<[ValType]> = results.as_slice().into();
    HostFunction::raw_async(name, params, results, move |plugin, params, results| {
        let (params, types) = (params.to_vec(), types.clone());
        Box::pin(async move {
            let Some(exchange) = plugin.host_context().map(|context: &CallContext| context.exchange.clone())
            else {
                return Err(Box::<dyn StdError + Send + Sync>::from("it was not called from JavaScript"));
            };
            let answer = Lent::during(plugin, |plugin| {
                let question = Question { slot, params, results: types, plugin };
                async move { exchange.ask(question).await }
            });
            let values = answer.await?;
            for (result, value) in results.iter_mut().zip(values) {
                *result = value;
            }
            Ok(())
        })
    })
}

/// The bytes of a value in the scratch memory.
const VALUE: usize = 8;

/// Puts values into the scratch memory, 8 bytes each, 16 for a vector.
///
/// # Errors
/// When there are more than fit.
pub(crate) fn write_values(memory: &mut [u8], values: &[Val]) -> napi::Result<()> {
    let mut places = memory.chunks_exact_mut(VALUE);
    let mut put = |bytes: [u8; VALUE]| match places.next() {
        Some(place) => {
            place.copy_from_slice(&bytes);
            Ok(())
        }
        None => Err(too_many()),
    };
    for value in values {
        match *value {
            Val::I32(value) => put(f64::from(value).to_ne_bytes())?,
            Val::I64(value) => put(value.to_ne_bytes())?,
            Val::F32(value) => put(f64::from(value).to_ne_bytes())?,
            Val::F64(value) => put(value.to_ne_bytes())?,
            Val::V128(value) => {
                put((value as u64).to_ne_bytes())?;
                put(((value >> 64) as u64).to_ne_bytes())?;
            }
            _ => return Err(napi::Error::from_reason("a value of a type that JavaScript has none for")),
        }
    }
    Ok(())
}

/// Gets values of these types from the scratch memory, where they are as [`write_values`] puts them.
///
/// # Errors
/// When there are more than fit.
pub(crate) fn read_values(memory: &[u8], types: &[ValType]) -> napi::Result<Vec<Val>> {
    let mut places = memory.chunks_exact(VALUE);
    let mut get = || match places.next().and_then(<[u8]>::first_chunk::<VALUE>) {
        Some(bytes) => Ok(*bytes),
        None => Err(too_many()),
    };
    let mut values = Vec::with_capacity(types.len());
    for ty in types {
        let bytes = get()?;
        values.push(match ty {
            ValType::I32 => Val::I32(f64::from_ne_bytes(bytes) as i32),
            ValType::I64 => Val::I64(i64::from_ne_bytes(bytes)),
            ValType::F32 => Val::F32(f64::from_ne_bytes(bytes) as f32),
            ValType::F64 => Val::F64(f64::from_ne_bytes(bytes)),
            _ => Val::V128(
                u128::from(u64::from_ne_bytes(bytes)) | u128::from(u64::from_ne_bytes(get()?)) << 64,
            ),
        });
    }
    Ok(values)
}

fn too_many() -> napi::Error {
    napi::Error::from_reason("a host function has more values than can be passed")
}

/// The number of a type in the contract's C interface.
fn number(ty: ValType) -> u8 {
    match ty {
        ValType::I32 => 0,
        ValType::I64 => 1,
        ValType::F32 => 2,
        ValType::F64 => 3,
        _ => 4,
    }
}

fn val_types(numbers: &[u8]) -> napi::Result<Vec<ValType>> {
    let types = numbers.iter().map(|number| match number {
        0 => Ok(ValType::I32),
        1 => Ok(ValType::I64),
        2 => Ok(ValType::F32),
        3 => Ok(ValType::F64),
        4 => Ok(ValType::V128),
        _ => Err(napi::Error::from_reason("a host function takes and returns numbers, no references")),
    });
    types.collect()
}
