//! How Rust values cross between a guest and a host function.

use plugwright_convert::{FromBytesOwned, Json, Msgpack, ToBytes};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Failure;
use super::raw::ValType;
use crate::current_plugin::{CurrentPlugin, MemoryHandle};
use crate::error::{BoxError, Error, ErrorKind, Result};

/// A WebAssembly number as Rust has it. Implemented for the integers and floats of 32 and 64 bits.
pub trait WasmScalar: wasmtime::WasmTy + Default + Send {
    /// Its type in a signature.
    #[doc(hidden)]
    const TYPE: ValType;
}

/// A parameter of a host function.
pub trait HostParam: Sized {
    /// The WebAssembly value that carries it.
    type Wasm: WasmScalar;

    /// The parameter from what the guest passed.
    ///
    /// # Errors
    ///
    /// `Decode` or `Contract` when the guest passed something else; the call ends with it.
    fn from_wasm(value: Self::Wasm, plugin: &CurrentPlugin<'_>) -> Result<Self>;
}

/// A value that a host function returns: one WebAssembly value, or none for `()`.
pub trait HostValue: Sized {
    /// The WebAssembly value that carries it.
    type Wasm: wasmtime::WasmRet + Default + Send;
    /// Its types in a signature.
    #[doc(hidden)]
    const TYPES: &'static [ValType];

    /// What the guest gets.
    ///
    /// # Errors
    ///
    /// `Encode` when the value has no bytes, `OutOfMemory` when the guest has no room for them.
    fn into_wasm(self, plugin: &mut CurrentPlugin<'_>) -> Result<Self::Wasm>;
}

/// What a host function returns: a [`HostValue`], or a `Result` with one.
pub trait HostResult {
    /// The value inside.
    type Value: HostValue;

    /// The value, or why there is none.
    #[doc(hidden)]
    fn into_outcome(self) -> Result<Self::Value, Failure>;
}

impl<T: HostValue> HostResult for T {
    type Value = T;

    fn into_outcome(self) -> Result<T, Failure> {
        Ok(self)
    }
}

impl<T: HostValue, E: Into<BoxError>> HostResult for Result<T, E> {
    type Value = T;

    fn into_outcome(self) -> Result<T, Failure> {
        self.map_err(|error| Failure::Function(error.into()))
    }
}

macro_rules! scalar {
    ($($ty:ty => $val:ident),*) => {$(
        impl WasmScalar for $ty {
            const TYPE: ValType = ValType::$val;
        }

        impl HostParam for $ty {
            type Wasm = $ty;

            fn from_wasm(value: $ty, _: &CurrentPlugin<'_>) -> Result<Self> {
                Ok(value)
            }
        }

        impl HostValue for $ty {
            type Wasm = $ty;
            const TYPES: &'static [ValType] = &[ValType::$val];

            fn into_wasm(self, _: &mut CurrentPlugin<'_>) -> Result<$ty> {
                Ok(self)
            }
        }
    )*};
}

scalar!(i32 => I32, u32 => I32, i64 => I64, u64 => I64, f32 => F32, f64 => F64);

impl HostParam for bool {
    type Wasm = u32;

    fn from_wasm(value: u32, _: &CurrentPlugin<'_>) -> Result<Self> {
        Ok(value != 0)
    }
}

impl HostValue for bool {
    type Wasm = u32;
    const TYPES: &'static [ValType] = &[ValType::I32];

    fn into_wasm(self, _: &mut CurrentPlugin<'_>) -> Result<u32> {
        Ok(self.into())
    }
}

impl HostValue for () {
    type Wasm = ();
    const TYPES: &'static [ValType] = &[];

    fn into_wasm(self, _: &mut CurrentPlugin<'_>) -> Result<()> {
        Ok(())
    }
}

impl HostParam for MemoryHandle {
    type Wasm = u64;

    fn from_wasm(offset: u64, plugin: &CurrentPlugin<'_>) -> Result<Self> {
        plugin.memory(offset)
    }
}

impl HostValue for MemoryHandle {
    type Wasm = u64;
    const TYPES: &'static [ValType] = &[ValType::I64];

    fn into_wasm(self, _: &mut CurrentPlugin<'_>) -> Result<u64> {
        Ok(self.offset())
    }
}

/// A value that is read from a block of memory.
///
/// Implement it for a type of your own, and host functions can take `Option`s of it.
pub trait FromBlock: Sized {
    /// The value from a block's bytes.
    ///
    /// # Errors
    ///
    /// `Decode` when the bytes are not such a value.
    fn from_block(bytes: &[u8]) -> Result<Self>;
}

/// A value that is passed as a block of memory.
///
/// Implement it for a type of your own, and host functions can return `Option`s of it.
pub trait IntoBlock {
    /// A block with the value's bytes. Errors like [`HostValue::into_wasm`].
    ///
    /// # Errors
    ///
    /// As [`HostValue::into_wasm`].
    fn into_block(self, plugin: &mut CurrentPlugin<'_>) -> Result<MemoryHandle>;
}

fn decode<T: FromBytesOwned>(bytes: &[u8]) -> Result<T> {
    T::from_bytes_owned(bytes).map_err(|error| {
        Error::new(ErrorKind::Decode, format!("cannot read a host function's parameter: {error}"))
            .with_source(error)
    })
}

fn encode<'a>(value: &impl ToBytes<'a>, plugin: &mut CurrentPlugin<'_>) -> Result<MemoryHandle> {
    let bytes = value.to_bytes().map_err(|error| {
        Error::new(ErrorKind::Encode, format!("cannot pass a host function's result: {error}"))
            .with_source(error)
    })?;
    plugin.alloc_bytes(bytes.as_ref())
}

macro_rules! from_block {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<$($generics)*> FromBlock for $ty {
            fn from_block(bytes: &[u8]) -> Result<Self> {
                decode(bytes)
            }
        }

        impl<$($generics)*> HostParam for $ty {
            type Wasm = u64;

            fn from_wasm(offset: u64, plugin: &CurrentPlugin<'_>) -> Result<Self> {
                Self::from_block(plugin.read(plugin.memory(offset)?)?)
            }
        }
    )*};
}

macro_rules! into_block {
    ($([$($generics:tt)*] $ty:ty, |$value:ident| $bytes:expr;)*) => {$(
        impl<$($generics)*> IntoBlock for $ty {
            fn into_block(self, plugin: &mut CurrentPlugin<'_>) -> Result<MemoryHandle> {
                let $value = self;
                encode(&$bytes, plugin)
            }
        }

        impl<$($generics)*> HostValue for $ty {
            type Wasm = u64;
            const TYPES: &'static [ValType] = &[ValType::I64];

            fn into_wasm(self, plugin: &mut CurrentPlugin<'_>) -> Result<u64> {
                Ok(self.into_block(plugin)?.offset())
            }
        }
    )*};
}

from_block! {
    [] String;
    [] Vec<u8>;
    [T: DeserializeOwned] Json<T>;
    [T: DeserializeOwned] Msgpack<T>;
}

into_block! {
    [] String, |text| text.as_str();
    [] &'static str, |text| text;
    [] Vec<u8>, |bytes| bytes.as_slice();
    [T: Serialize] Json<T>, |json| json;
    [T: Serialize] Msgpack<T>, |packed| packed;
}

impl<T: FromBlock> HostParam for Option<T> {
    type Wasm = u64;

    fn from_wasm(offset: u64, plugin: &CurrentPlugin<'_>) -> Result<Self> {
        if offset == 0 {
            return Ok(None);
        }
        T::from_block(plugin.read(plugin.memory(offset)?)?).map(Some)
    }
}

impl<T: IntoBlock> HostValue for Option<T> {
    type Wasm = u64;
    const TYPES: &'static [ValType] = &[ValType::I64];

    fn into_wasm(self, plugin: &mut CurrentPlugin<'_>) -> Result<u64> {
        self.map_or(Ok(0), |value| Ok(value.into_block(plugin)?.offset()))
    }
}
