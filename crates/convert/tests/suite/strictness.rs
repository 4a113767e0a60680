//! Bytes that are not exactly one value are refused, and the message says why.

use std::error::Error as _;

use plugwright_convert::{Base64, Error, FromBytes, Json, Malformed, Msgpack, Raw, ToBytes};
use serde_json::Value;

#[track_caller]
fn refused<'a, T: FromBytes<'a>>(data: &'a [u8], expected: &str) -> Error {
    match T::from_bytes(data) {
        Ok(_) => panic!("{data:?} was accepted"),
        Err(error) => {
            let message = error.to_string();
            assert!(message.contains(expected), "{message:?} does not contain {expected:?}");
            assert!(!message.contains('\n'), "{message:?} has several lines");
            assert!(matches!(error, Error::Decode { .. }), "{error:?}");
            error
        }
    }
}

#[test]
fn numbers_have_one_length() {
    refused::<i32>(&[1, 2, 3], "cannot decode little-endian bytes as i32: expected exactly 4 bytes, found 3");
    refused::<u32>(&[0; 5], "as u32: expected exactly 4 bytes, found 5");
    refused::<i64>(&[0; 4], "as i64: expected exactly 8 bytes, found 4");
    refused::<u64>(&[], "as u64: expected exactly 8 bytes, found 0");
    refused::<f32>(&[0; 8], "as f32: expected exactly 4 bytes, found 8");
    refused::<f64>(&[0; 7], "as f64: expected exactly 8 bytes, found 7");
    let error = refused::<Option<i32>>(&[0; 3], "as i32");
    let source = error.source().and_then(|source| source.downcast_ref());
    assert_eq!(source, Some(&Malformed::Length { expected: 4, found: 3 }));
}

#[test]
fn fixed_sizes_are_exact() {
    refused::<[u8; 3]>(&[0; 4], "as [u8; 3]: expected exactly 3 bytes, found 4");
    refused::<&[u8; 3]>(&[0; 2], "as &[u8; 3]: expected exactly 3 bytes, found 2");
    refused::<bool>(&[], "as bool: expected exactly 1 bytes, found 0");
    refused::<bool>(&[0, 0], "as bool: expected exactly 1 bytes, found 2");
    refused::<bool>(&[2], "as bool: expected the byte 0 or 1, found 2");
}

#[test]
fn invalid_text_is_refused_at_its_position() {
    refused::<&str>(b"abc\xff", "cannot decode text as &str: invalid utf-8 sequence of 1 bytes from index 3");
    refused::<String>(b"\xc3", "as alloc::string::String: incomplete utf-8 byte sequence from index 0");
    refused::<Box<str>>(b"a\x80", "from index 1");
    refused::<Option<&str>>(b"a\x80", "from index 1");
    let error = refused::<Option<String>>(b"a\x80", "from index 1");
    let source = error.source().and_then(|source| source.downcast_ref::<std::str::Utf8Error>());
    assert_eq!(source.map(std::str::Utf8Error::valid_up_to), Some(1));
}

#[test]
fn json_is_one_whole_value() {
    refused::<Json<Vec<i32>>>(b"[1, 2", "cannot decode JSON as alloc::vec::Vec<i32>: EOF");
    refused::<Json<Vec<i32>>>(b"[1] 2", "trailing characters at line 1 column 5");
    refused::<Json<Vec<i32>>>(b"", "EOF");
    refused::<Value>(b"nul", "as serde_json::value::Value");
    let error = refused::<Json<bool>>(b"1", "expected a boolean");
    assert!(error.source().is_some_and(|source| source.is::<serde_json::Error>()));
}

#[test]
fn msgpack_is_one_whole_value() {
    refused::<Msgpack<u32>>(&[0xcd, 1], "cannot decode MessagePack as u32");
    refused::<Msgpack<u32>>(&[], "cannot decode MessagePack as u32");
    for trailing in [&[1, 0xc2][..], &[1, 0x91], &[1, 0xc1], &[1, 0xd9], &[1, 0xc7]] {
        let error = refused::<Msgpack<u32>>(trailing, "more bytes follow the value");
        assert!(error.source().is_some_and(|source| source.is::<Malformed>()));
    }
}

#[test]
fn base64_is_canonical() {
    refused::<Base64<Vec<u8>>>(b"+/8", "cannot decode base64 as alloc::vec::Vec<u8>");
    refused::<Base64<Vec<u8>>>(b"-_8=", "Invalid symbol 45, offset 0");
    refused::<Base64<Vec<u8>>>(b"+/9=", "base64");
    refused::<Base64<Vec<u8>>>(b"+/8=\n", "base64");
    refused::<Base64<String>>(
        b"YWL/",
        "cannot decode the text in base64 as alloc::string::String: invalid utf-8",
    );
}

#[test]
fn raw_bytes_have_the_size_and_alignment_of_the_type() {
    let words = [0u64; 2];
    let bytes: &[u8] = Raw(&words).to_bytes().expect("encodes");
    refused::<Raw<u64>>(bytes, "cannot decode raw bytes as u64: expected exactly 8 bytes, found 16");
    refused::<Raw<u64>>(&bytes[1..9], "the bytes are not aligned to 8");
    refused::<Raw<u32>>(&bytes[..3], "found 3");
    assert_eq!(*Raw::<u64>::from_bytes(&bytes[8..]).expect("aligned").into_inner(), 0);
}

#[test]
fn a_value_that_a_format_cannot_express_is_an_encode_error() {
    let map = std::collections::BTreeMap::from([((1, 2), 3)]);
    let error = Json(&map).to_bytes().expect_err("JSON keys are strings");
    assert!(matches!(error, Error::Encode { format: "JSON", .. }), "{error:?}");
    assert!(
        error.to_string().starts_with("cannot encode &alloc::collections::btree::map::BTreeMap"),
        "{error}"
    );
    assert!(Json(&map).with_bytes(|_| unreachable!("nothing to show")).is_err());
    assert!(Some(Json(&map)).to_bytes().is_err());
}

#[test]
fn deep_nesting_is_refused_before_the_stack_ends() {
    refused::<Value>(&[b'['; 1 << 20], "recursion limit");
    refused::<Msgpack<Value>>(&[0x91; 1 << 20], "depth limit");
}

#[test]
fn a_claimed_length_reserves_no_memory() {
    for claim in [
        &[0xdd, 0xff, 0xff, 0xff, 0xff][..],
        &[0xdb, 0xff, 0xff, 0xff, 0xff],
        &[0xdf, 0xff, 0xff, 0xff, 0xff],
    ] {
        refused::<Msgpack<Value>>(claim, "MessagePack");
    }
    refused::<Msgpack<Vec<u64>>>(&[0xdd, 0xff, 0xff, 0xff, 0xff], "MessagePack");
}
