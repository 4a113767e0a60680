//! Numbers that are stored as text, as Redis has them.

use crate::{Code, Failure};

/// The number after adding to what is stored; what is not there counts as 0.
///
/// # Errors
///
/// `WrongType` when what is stored is no number, `Invalid` when the sum has no room in 64 bits.
pub(super) fn sum(stored: Option<&[u8]>, delta: i64) -> Result<i64, Failure> {
    let number = match stored {
        None => 0,
        Some(text) => parse(text).ok_or_else(not_a_number)?,
    };
    number.checked_add(delta).ok_or_else(overflow)
}

/// A number as it is written: without `+`, leading zeros or spaces.
fn parse(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

pub(super) fn not_a_number() -> Failure {
    Failure::new(Code::WrongType, "the value is not a whole number of 64 bits, and cannot be incremented")
}

pub(super) fn overflow() -> Failure {
    Failure::invalid("the number would not fit into 64 bits; it stays as it was")
}

#[cfg(test)]
mod tests {
    use super::sum;
    use crate::Code;

    #[test]
    fn only_plain_numbers_count() {
        assert_eq!(sum(None, -3), Ok(-3));
        assert_eq!(sum(Some(b"40"), 2), Ok(42));
        assert_eq!(sum(Some(b"-9223372036854775808"), 0), Ok(i64::MIN));
        for text in ["", " 1", "1 ", "+1", "01", "-0", "1.0", "x", "9223372036854775808"] {
            assert_eq!(sum(Some(text.as_bytes()), 1).map_err(|failure| failure.code), Err(Code::WrongType));
        }
        assert_eq!(sum(Some(b"9223372036854775807"), 1).map_err(|failure| failure.code), Err(Code::Invalid));
    }
}
