//! The imports whose calls are replaced.

use wasmparser::{FuncType, ValType};

/// An import that instructions can do the work of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Import {
    LoadU8,
    LoadU64,
    StoreU8,
    StoreU64,
    InputLoadU8,
    InputLoadU64,
    InputLength,
    InputOffset,
    /// Copies kernel memory to the module's memory 0.
    Read,
    /// Copies the module's memory 0 to kernel memory.
    Write,
}

/// How many scratch locals something needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Scratch {
    /// Of type `i64`.
    pub(crate) wide: u32,
    /// Of type `i32`.
    pub(crate) narrow: u32,
}

impl Scratch {
    /// The most that anything needs.
    pub(crate) const MAX: u32 = 3;

    /// Enough for both.
    pub(crate) fn max(self, other: Self) -> Self {
        Self { wide: self.wide.max(other.wide), narrow: self.narrow.max(other.narrow) }
    }
}

impl Import {
    /// The import that a module means by these names.
    pub(crate) fn named(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("extism:host/env", "load_u8") => Self::LoadU8,
            ("extism:host/env", "load_u64") => Self::LoadU64,
            ("extism:host/env", "store_u8") => Self::StoreU8,
            ("extism:host/env", "store_u64") => Self::StoreU64,
            ("extism:host/env", "input_load_u8") => Self::InputLoadU8,
            ("extism:host/env", "input_load_u64") => Self::InputLoadU64,
            ("extism:host/env", "input_length") => Self::InputLength,
            ("extism:host/env", "input_offset") => Self::InputOffset,
            ("plugwright:host/mem", "read") => Self::Read,
            ("plugwright:host/mem", "write") => Self::Write,
            _ => return None,
        })
    }

    /// Whether the import has the contract's type. With another the host refuses the module, or has a function of that
    /// type that nothing is known about.
    pub(crate) fn has_type(self, ty: &FuncType) -> bool {
        use ValType::{I32, I64};
        let (params, results): (&[ValType], &[ValType]) = match self {
            Self::LoadU8 | Self::InputLoadU8 => (&[I64], &[I32]),
            Self::LoadU64 | Self::InputLoadU64 => (&[I64], &[I64]),
            Self::StoreU8 => (&[I64, I32], &[]),
            Self::StoreU64 => (&[I64, I64], &[]),
            Self::InputLength | Self::InputOffset => (&[], &[I64]),
            Self::Read => (&[I32, I64, I64], &[]),
            Self::Write => (&[I64, I32, I64], &[]),
        };
        ty.params() == params && ty.results() == results
    }

    /// Whether the import works on the module's memory 0.
    pub(crate) fn needs_memory(self) -> bool {
        matches!(self, Self::Read | Self::Write)
    }

    /// The scratch locals that the instructions in its place need.
    pub(crate) fn scratch(self) -> Scratch {
        match self {
            Self::InputLength | Self::InputOffset => Scratch::default(),
            Self::LoadU8 | Self::LoadU64 | Self::InputLoadU8 | Self::InputLoadU64 => {
                Scratch { wide: 1, narrow: 0 }
            }
            Self::StoreU8 => Scratch { wide: 1, narrow: 1 },
            Self::StoreU64 => Scratch { wide: 2, narrow: 0 },
            Self::Read | Self::Write => Scratch { wide: 2, narrow: 1 },
        }
    }
}
