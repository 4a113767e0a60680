//! Formats and implementations written by users.

use plugwright_convert::{Error, FromBytes, FromBytesOwned, ToBytes, encoding};
use serde::Serialize;
use serde::de::DeserializeOwned;

mod inner {
    plugwright_convert::encoding!(pub(crate) Line, super::to_line, super::from_line);
}

encoding!(Shout("capitals"), to_capitals, from_line);

/// Text, not bytes, and a message for an error.
fn to_line<T: Serialize>(value: &T) -> Result<String, String> {
    let mut text = serde_json::to_string(value).map_err(|error| error.to_string())?;
    text.push('\n');
    Ok(text)
}

fn to_capitals<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_string(value).map(|text| text.to_uppercase().into_bytes())
}

fn from_line<T: DeserializeOwned>(data: &[u8]) -> Result<T, &'static str> {
    let line = data.strip_suffix(b"\n").ok_or("the line has no end")?;
    serde_json::from_slice(line).map_err(|_| "the line is not JSON")
}

#[test]
fn a_format_from_two_functions() {
    use inner::Line;
    let bytes = Line(vec![1, 2]).to_bytes().expect("encodes");
    assert_eq!(bytes, b"[1,2]\n");
    let mut line = Line::<Vec<i32>>::from_bytes(&bytes).expect("decodes");
    line.push(3);
    assert_eq!(line.len(), 3);
    assert_eq!(Line::from(vec![1, 2, 3]), line);
    assert_eq!(line.into_inner(), [1, 2, 3]);
    let error = Line::<bool>::from_bytes(b"true").expect_err("no end of line");
    assert_eq!(error.to_string(), "cannot decode Line as bool: the line has no end");
}

#[test]
fn a_format_with_a_name_for_messages() {
    assert_eq!(Shout("a").to_bytes().expect("encodes"), b"\"A\"");
    let error = Shout::<bool>::from_bytes(b"1\n").expect_err("not a boolean");
    assert_eq!(error.to_string(), "cannot decode capitals as bool: the line is not JSON");
}

#[derive(Debug, PartialEq)]
struct Flags(u8);

impl<'a> ToBytes<'a> for Flags {
    type Bytes = Vec<u8>;

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        Ok(vec![self.0])
    }
}

impl FromBytesOwned for Flags {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        match data {
            [flags] => Ok(Self(*flags)),
            _ => Err(Error::decode::<Self>("flags", "expected one byte")),
        }
    }
}

#[derive(Debug, PartialEq)]
struct Pair<'a>(&'a [u8], &'a [u8]);

impl<'a> FromBytes<'a> for Pair<'a> {
    fn from_bytes(data: &'a [u8]) -> Result<Self, Error> {
        let (left, right) =
            data.split_at_checked(1).ok_or_else(|| Error::decode::<Self>("pair", "no bytes"))?;
        Ok(Self(left, right))
    }
}

#[test]
fn implementations_by_hand() {
    assert_eq!(Flags::from_bytes(&Flags(7).to_bytes().expect("encodes")).expect("decodes"), Flags(7));
    assert_eq!(Option::<Box<Flags>>::from_bytes(&[7]).expect("decodes"), Some(Box::new(Flags(7))));
    assert!(Flags::from_bytes(b"").is_err());
    assert_eq!(Pair::from_bytes(b"abc").expect("decodes"), Pair(b"a", b"bc"));
}
