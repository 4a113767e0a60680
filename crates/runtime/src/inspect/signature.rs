//! Types as people write them.

use std::fmt::{self, Display, Formatter};

use wasmparser::{FuncType, GlobalType, MemoryType, TableType};

/// A function's type: `() -> ()`, `(i64) -> i64`, `(i32, i64) -> (i32, i32)`.
pub(super) fn signature(ty: &FuncType) -> String {
    match ty.results() {
        [result] => format!("({}) -> {result}", List(ty.params())),
        results => format!("({}) -> ({})", List(ty.params()), List(results)),
    }
}

struct List<'a, T>(&'a [T]);

impl<T: Display> Display for List<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{item}")?;
        }
        Ok(())
    }
}

/// A global's type: `i32` or `mut i32`.
pub(super) fn global(ty: &GlobalType) -> String {
    let mutable = if ty.mutable { "mut " } else { "" };
    format!("{mutable}{}", ty.content_type)
}

/// A memory's size: `1 page`, `17 pages` or `1 to 16 pages`.
pub(super) fn memory(ty: &MemoryType) -> String {
    count("page", ty.initial, ty.maximum)
}

/// A table's type and size: `funcref, 4 elements`.
pub(super) fn table(ty: &TableType) -> String {
    format!("{}, {}", ty.element_type, count("element", ty.initial, ty.maximum))
}

fn count(unit: &str, min: u64, max: Option<u64>) -> String {
    match (min, max) {
        (min, Some(max)) => format!("{min} to {max} {unit}s"),
        (1, None) => format!("1 {unit}"),
        (min, None) => format!("{min} {unit}s"),
    }
}

#[cfg(test)]
mod tests {
    use wasmparser::ValType;

    use super::*;

    #[test]
    fn signatures_read_like_functions() {
        let text = |params: &[ValType], results: &[ValType]| {
            signature(&FuncType::new(params.iter().copied(), results.iter().copied()))
        };
        use ValType::{F32, I32, I64, V128};
        assert_eq!(text(&[], &[]), "() -> ()");
        assert_eq!(text(&[I64], &[I64]), "(i64) -> i64");
        assert_eq!(text(&[I32, I64], &[]), "(i32, i64) -> ()");
        assert_eq!(text(&[V128, ValType::FUNCREF], &[F32, I32]), "(v128, funcref) -> (f32, i32)");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(count("page", 1, None), "1 page");
        assert_eq!(count("page", 0, None), "0 pages");
        assert_eq!(count("page", 17, None), "17 pages");
        assert_eq!(count("page", 1, Some(1)), "1 to 1 pages");
    }
}
