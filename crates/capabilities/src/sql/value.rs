//! Values between plug-ins, which have JSON, and databases.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::Failure;

/// The key of the object that stands for bytes.
pub(super) const BYTES_KEY: &str = "base64";

/// A parameter of a statement.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Param {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    /// An array or an object, for columns of JSON and, in PostgreSQL, of arrays.
    Json(Value),
}

impl Param {
    /// Reads a JSON array of parameters; no bytes at all are none.
    ///
    /// # Errors
    ///
    /// `Invalid` when it is something else, or an integer does not fit 64 bits.
    pub(super) fn parse_all(json: &[u8]) -> Result<Vec<Self>, Failure> {
        if json.is_empty() {
            return Ok(Vec::new());
        }
        let values: Vec<Value> = serde_json::from_slice(json)
            .map_err(|error| Failure::invalid(format!("the parameters are not a JSON array: {error}")))?;
        let numbered = values.into_iter().zip(1..);
        numbered.map(|(value, number): (Value, usize)| Self::from_json(value, number)).collect()
    }

    fn from_json(value: Value, number: usize) -> Result<Self, Failure> {
        let invalid = |what: &str| Failure::invalid(format!("parameter ${number}: {what}"));
        Ok(match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(value) => match (value.as_i64(), value.as_f64()) {
                (Some(integer), _) => Self::Int(integer),
                (None, Some(float)) if !value.is_u64() => Self::Float(float),
                _ => return Err(invalid("the integer is above 9223372036854775807: pass it as a text")),
            },
            Value::String(value) if value.contains('\0') => {
                return Err(invalid("a text cannot have a zero byte: pass {\"base64\": …}"));
            }
            Value::String(value) => Self::Text(value),
            Value::Object(object) if object.len() == 1 && object.contains_key(BYTES_KEY) => {
                let text = object.get(BYTES_KEY).and_then(Value::as_str);
                let bytes = text.and_then(|text| STANDARD.decode(text).ok());
                Self::Bytes(bytes.ok_or_else(|| invalid("`base64` is not a text in base64"))?)
            }
            other => Self::Json(other),
        })
    }
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    #[cfg(feature = "postgres")]
    Owned(String),
    Bytes(&'a [u8]),
    /// JSON, which is known to be valid.
    Json(&'a str),
    #[cfg(feature = "postgres")]
    Array(Vec<Cell<'a>>),
}

impl Cell<'_> {
    /// Appends the value as JSON.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend(b"null"),
            Self::Bool(value) => out.extend(if *value { &b"true"[..] } else { b"false" }),
            Self::Int(value) => out.extend(value.to_string().bytes()),
            // JSON has no infinities and no NaN.
            Self::Float(value) if value.is_nan() => out.extend(b"\"NaN\""),
            Self::Float(value) if *value == f64::INFINITY => out.extend(b"\"Infinity\""),
            Self::Float(value) if *value == f64::NEG_INFINITY => out.extend(b"\"-Infinity\""),
            Self::Float(value) => out.extend(Value::from(*value).to_string().bytes()),
            Self::Text(text) => write_text(text, out),
            #[cfg(feature = "postgres")]
            Self::Owned(text) => write_text(text, out),
            Self::Bytes(bytes) => {
                out.extend(b"{\"base64\":\"");
                out.extend(STANDARD.encode(bytes).bytes());
                out.extend(b"\"}");
            }
            Self::Json(text) => out.extend(text.trim().bytes()),
            #[cfg(feature = "postgres")]
            Self::Array(cells) => {
                out.push(b'[');
                for (index, cell) in cells.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    cell.write(out);
                }
                out.push(b']');
            }
        }
    }

    /// A bound of the bytes that [`write`](Self::write) appends, from below: so that what is too large is not written first.
    pub(super) fn least_len(&self) -> usize {
        match self {
            Self::Text(text) | Self::Json(text) => text.trim().len(),
            #[cfg(feature = "postgres")]
            Self::Owned(text) => text.len(),
            Self::Bytes(bytes) => bytes.len() / 3 * 4,
            #[cfg(feature = "postgres")]
            Self::Array(cells) => cells.iter().map(Self::least_len).sum(),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) => 1,
        }
    }
}

/// Appends a text as JSON.
pub(super) fn write_text(text: &str, out: &mut Vec<u8>) {
    out.extend(Value::from(text).to_string().bytes());
}

/// Whether a text is valid JSON. Its numbers are not looked at, so that they stay what they are.
pub(super) fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Cell, Param};
    use crate::Code;

    fn json(cell: &Cell<'_>) -> String {
        let mut out = Vec::new();
        cell.write(&mut out);
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn integers_beyond_a_double_stay_exact() {
        let params =
            Param::parse_all(b"[9007199254740993, -9223372036854775808, 1.0, 1e3]").expect("numbers");
        assert_eq!(
            params,
            [
                Param::Int(9_007_199_254_740_993),
                Param::Int(i64::MIN),
                Param::Float(1.0),
                Param::Float(1000.0)
            ]
        );
        assert_eq!(json(&Cell::Int(9_007_199_254_740_993)), "9007199254740993");
        assert_eq!(json(&Cell::Json(" {\"a\": 9007199254740993.5} ")), "{\"a\": 9007199254740993.5}");
        let failure = Param::parse_all(b"[1, 9223372036854775808]").expect_err("it does not fit");
        assert_eq!(failure.code, Code::Invalid);
        assert!(failure.message.contains("$2"), "{failure}");
    }

    #[test]
    fn bytes_are_an_object_with_base64() {
        let params =
            Param::parse_all(br#"[{"base64":"AP8="},{"base64":"AP8=","x":1},"AP8="]"#).expect("bytes");
        assert_eq!(params[0], Param::Bytes(vec![0, 255]));
        assert!(matches!(params[1], Param::Json(_)));
        assert!(matches!(params[2], Param::Text(_)));
        assert_eq!(json(&Cell::Bytes(&[0, 255])), r#"{"base64":"AP8="}"#);
        assert!(Param::parse_all(br#"[{"base64":7}]"#).is_err());
        assert!(Param::parse_all(br#"[{"base64":"?"}]"#).is_err());
    }

    #[test]
    fn what_is_no_array_is_refused() {
        assert_eq!(Param::parse_all(b""), Ok(vec![]));
        for bad in [&b"{}"[..], b"1", b"[1", b"\xff", br#"["a\u0000b"]"#] {
            assert_eq!(Param::parse_all(bad).expect_err("no parameters").code, Code::Invalid);
        }
    }

    #[test]
    fn texts_and_odd_floats_are_valid_json() {
        assert_eq!(json(&Cell::Text("a\"\n\u{1}")), r#""a\"\n\u0001""#);
        assert_eq!(json(&Cell::Float(f64::NAN)), "\"NaN\"");
        assert_eq!(json(&Cell::Float(1.0)), "1.0");
        #[cfg(feature = "postgres")]
        assert_eq!(json(&Cell::Array(vec![Cell::Null, Cell::Bool(true)])), "[null,true]");
    }
}
