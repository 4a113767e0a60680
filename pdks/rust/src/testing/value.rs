//! The types that host functions take and return.

use std::fmt;

use super::passing::{Failure, Passing};
use crate::{FromBytesOwned, Json, ToBytes};

/// A type that a host function can take.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a host function",
    note = "use a number, `bool`, `String`, `Vec<u8>`, `Json<T>` or `Option` of a block type"
)]
pub trait HostParam: Sized {
    #[doc(hidden)]
    fn from_raw(raw: u64, passing: &Passing<'_>) -> Result<Self, Failure>;
}

/// A type that a host function can return in any case.
pub trait HostValue {
    #[doc(hidden)]
    fn into_raw(self, passing: &Passing<'_>) -> Result<u64, Failure>;
}

/// A type that a host function can return: a [`HostValue`], or a `Result` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a host function",
    note = "use a number, `bool`, `()`, `String`, `Vec<u8>`, `Json<T>`, `Option` of a block type, or a `Result` of these"
)]
pub trait HostResult {
    #[doc(hidden)]
    fn into_raw(self, passing: &Passing<'_>) -> Result<u64, Failure>;
}

/// A type that is passed as a block of kernel memory. Implement it for a type of your own that has bytes.
pub trait Block {}

impl Block for String {}
impl Block for Vec<u8> {}
impl<T> Block for Json<T> {}
#[cfg(feature = "msgpack")]
impl<T> Block for crate::Msgpack<T> {}

impl<T: Block + FromBytesOwned> HostParam for T {
    fn from_raw(raw: u64, passing: &Passing<'_>) -> Result<Self, Failure> {
        passing.decode(raw)
    }
}

impl<T: Block + FromBytesOwned> HostParam for Option<T> {
    fn from_raw(raw: u64, passing: &Passing<'_>) -> Result<Self, Failure> {
        if raw == 0 { Ok(None) } else { passing.decode(raw).map(Some) }
    }
}

impl<T: Block + for<'a> ToBytes<'a>> HostValue for T {
    fn into_raw(self, passing: &Passing<'_>) -> Result<u64, Failure> {
        passing.encode(&self)
    }
}

impl<T: Block + for<'a> ToBytes<'a>> HostValue for Option<T> {
    fn into_raw(self, passing: &Passing<'_>) -> Result<u64, Failure> {
        self.map_or(Ok(0), |value| passing.encode(&value))
    }
}

impl HostValue for &'static str {
    fn into_raw(self, passing: &Passing<'_>) -> Result<u64, Failure> {
        passing.encode(&self.to_owned())
    }
}

impl HostValue for () {
    fn into_raw(self, _: &Passing<'_>) -> Result<u64, Failure> {
        Ok(0)
    }
}

impl<T: HostValue> HostResult for T {
    fn into_raw(self, passing: &Passing<'_>) -> Result<u64, Failure> {
        HostValue::into_raw(self, passing)
    }
}

impl<T: HostValue, E: fmt::Display> HostResult for Result<T, E> {
    fn into_raw(self, passing: &Passing<'_>) -> Result<u64, Failure> {
        self.map_err(|error| Failure::Function(error.to_string()))?.into_raw(passing)
    }
}

/// WebAssembly values travel as the 64 bits that hold them.
macro_rules! scalars {
    ($($type:ty: $from:expr, $into:expr;)*) => {$(
        impl HostParam for $type {
            fn from_raw(raw: u64, _: &Passing<'_>) -> Result<Self, Failure> {
                let from: fn(u64) -> $type = $from;
                Ok(from(raw))
            }
        }

        impl HostValue for $type {
            fn into_raw(self, _: &Passing<'_>) -> Result<u64, Failure> {
                let into: fn($type) -> u64 = $into;
                Ok(into(self))
            }
        }
    )*};
}

scalars! {
    u64: |raw| raw, |value| value;
    i64: |raw| raw as i64, |value| value as u64;
    u32: |raw| raw as u32, u64::from;
    i32: |raw| raw as i32, |value| u64::from(value as u32);
    bool: |raw| raw as u32 != 0, u64::from;
    f32: |raw| f32::from_bits(raw as u32), |value| u64::from(value.to_bits());
    f64: f64::from_bits, f64::to_bits;
}
