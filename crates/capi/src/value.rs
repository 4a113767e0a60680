//! Values that host functions get and return.

use std::ffi::c_uint;

use runtime::{Val, ValType};

/// The type of a WebAssembly value. Host functions take and return `I32`, `I64`, `F32` and `F64`; an `I64` is also an offset in
/// the memory that a plug-in shares with its host.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "C passes them as numbers")]
pub enum ExtismValType {
    /// A 32-bit integer.
    I32 = 0,
    /// A 64-bit integer.
    I64 = 1,
    /// A 32-bit float.
    F32 = 2,
    /// A 64-bit float.
    F64 = 3,
    /// A 128-bit vector. A plug-in that gets a host function with such a value is refused.
    V128 = 4,
    /// A reference to a function. A plug-in that gets a host function with such a value is refused.
    FuncRef = 5,
    /// A reference to a value of the host. A plug-in that gets a host function with such a value is refused.
    ExternRef = 6,
}

/// An [`ExtismValType`] that C wrote, which may be any number. The header has it under that name.
#[repr(transparent)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawValType(pub(crate) c_uint);

const _: () = assert!(size_of::<RawValType>() == size_of::<ExtismValType>());

impl RawValType {
    /// The type, if host functions can have it.
    pub(crate) fn usable(self) -> Option<ValType> {
        Some(match self {
            Self::I32 => ValType::I32,
            Self::I64 => ValType::I64,
            Self::F32 => ValType::F32,
            Self::F64 => ValType::F64,
            _ => return None,
        })
    }

    /// The type's name for people.
    pub(crate) fn name(self) -> String {
        let Self(number) = self;
        match number {
            0 => "I32".into(),
            1 => "I64".into(),
            2 => "F32".into(),
            3 => "F64".into(),
            4 => "V128".into(),
            5 => "FuncRef".into(),
            6 => "ExternRef".into(),
            _ => format!("type {number}"),
        }
    }

    const I32: Self = Self(ExtismValType::I32 as c_uint);
    const I64: Self = Self(ExtismValType::I64 as c_uint);
    const F32: Self = Self(ExtismValType::F32 as c_uint);
    const F64: Self = Self(ExtismValType::F64 as c_uint);
}

/// The number inside of a value: the field that its type names.
#[repr(C)]
#[derive(Clone, Copy)]
pub union ExtismValUnion {
    /// Of type `I32`.
    pub i32: i32,
    /// Of type `I64`.
    pub i64: i64,
    /// Of type `F32`.
    pub f32: f32,
    /// Of type `F64`.
    pub f64: f64,
}

/// A WebAssembly value.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ExtismVal {
    /// The type.
    pub t: RawValType,
    /// The number.
    pub v: ExtismValUnion,
}

impl ExtismVal {
    /// The value as C sees it; `None` for a vector.
    pub(crate) fn from_runtime(value: Val) -> Option<Self> {
        // All eight bytes are written first, so that each field can be read whatever was written last.
        let mut v = ExtismValUnion { i64: 0 };
        let t = match value {
            Val::I32(value) => {
                v.i32 = value;
                RawValType::I32
            }
            Val::I64(value) => {
                v.i64 = value;
                RawValType::I64
            }
            Val::F32(value) => {
                v.f32 = value;
                RawValType::F32
            }
            Val::F64(value) => {
                v.f64 = value;
                RawValType::F64
            }
            _ => return None,
        };
        Some(Self { t, v })
    }

    /// The value that C wrote; `None` if it is of no type that it can be of.
    pub(crate) fn to_runtime(self) -> Option<Val> {
        // SAFETY: every byte was written by `from_runtime`, C has written numbers over it, and each field may have any bytes.
        unsafe {
            Some(match self.t {
                RawValType::I32 => Val::I32(self.v.i32),
                RawValType::I64 => Val::I64(self.v.i64),
                RawValType::F32 => Val::F32(self.v.f32),
                RawValType::F64 => Val::F64(self.v.f64),
                _ => return None,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use runtime::{Val, ValType};

    use super::{ExtismVal, RawValType};

    #[test]
    fn values_go_there_and_back() {
        for value in [Val::I32(-1), Val::I64(i64::MIN), Val::F32(0.5), Val::F64(f64::MAX)] {
            let there = ExtismVal::from_runtime(value).unwrap();
            assert_eq!(there.t.usable(), Some(value.ty()));
            assert_eq!(there.to_runtime(), Some(value));
        }
        assert!(ExtismVal::from_runtime(Val::V128(0)).is_none());
    }

    #[test]
    fn unknown_types_are_refused() {
        let mut value = ExtismVal::from_runtime(Val::I64(1)).unwrap();
        for (number, name) in
            [(4, "V128"), (5, "FuncRef"), (6, "ExternRef"), (7, "type 7"), (u32::MAX, "type 4294967295")]
        {
            value.t = RawValType(number);
            assert_eq!(value.to_runtime(), None);
            assert_eq!((value.t.usable(), value.t.name()), (None, name.to_owned()));
        }
        assert_eq!(RawValType(1).usable(), Some(ValType::I64));
    }

    #[test]
    fn the_layout_is_the_public_one() {
        assert_eq!((size_of::<ExtismVal>(), align_of::<ExtismVal>()), (16, 8));
        assert_eq!((offset_of!(ExtismVal, t), offset_of!(ExtismVal, v)), (0, 8));
    }
}
