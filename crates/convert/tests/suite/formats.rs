//! The exact bytes: they are a contract with plug-ins written elsewhere.

use plugwright_convert::{Base64, FromBytes, Json, Msgpack, Protobuf, Raw, ToBytes};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Count {
    count: u32,
    vowels: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Note {
    #[prost(uint32, tag = "1")]
    id: u32,
    #[prost(string, tag = "2")]
    text: String,
}

fn count() -> Count {
    Count { count: 3, vowels: "aeiou".to_owned() }
}

#[track_caller]
fn check<'a>(value: impl ToBytes<'a>, expected: &[u8]) {
    assert_eq!(value.to_bytes().expect("encodes").as_ref(), expected, "to_bytes");
    value.with_bytes(|bytes| assert_eq!(bytes, expected, "with_bytes")).expect("encodes");
}

#[test]
#[expect(clippy::needless_borrows_for_generic_args, reason = "references are what is tested")]
fn text_and_bytes_are_themselves() {
    check("åÅ", "åÅ".as_bytes());
    check("åÅ".to_owned(), "åÅ".as_bytes());
    check(Box::<str>::from("åÅ"), "åÅ".as_bytes());
    check(&[1u8, 0, 255][..], &[1, 0, 255]);
    check(vec![1u8, 0, 255], &[1, 0, 255]);
    check(Box::<[u8]>::from([1, 0, 255]), &[1, 0, 255]);
    check([1u8, 0, 255], &[1, 0, 255]);
    check(&[1u8, 0, 255], &[1, 0, 255]);
}

#[test]
fn numbers_are_little_endian() {
    check(-2i32, &[0xfe, 0xff, 0xff, 0xff]);
    check(0x0102_0304_u32, &[4, 3, 2, 1]);
    check(-2i64, &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    check(0x0102_0304_0506_0708_u64, &[8, 7, 6, 5, 4, 3, 2, 1]);
    check(1.5f32, &[0, 0, 0xc0, 0x3f]);
    check(1.5f64, &[0, 0, 0, 0, 0, 0, 0xf8, 0x3f]);
}

#[test]
fn units_booleans_and_options() {
    check((), &[]);
    check(true, &[1]);
    check(false, &[0]);
    check(Some("x"), b"x");
    check(None::<&str>, b"");
    check(Some(7i32), &[7, 0, 0, 0]);
}

#[test]
#[expect(clippy::needless_borrows_for_generic_args, reason = "references are what is tested")]
fn references_and_boxes_are_what_they_point_to() {
    check(&"x", b"x");
    check(&&"x".to_owned(), b"x");
    check(Box::new(7i32), &[7, 0, 0, 0]);
    check(&Some(Box::new("x".to_owned())), b"x");
}

#[test]
#[expect(clippy::needless_borrows_for_generic_args, reason = "references are what is tested")]
fn json() {
    check(Json(count()), br#"{"count":3,"vowels":"aeiou"}"#);
    check(&Json(&count()), br#"{"count":3,"vowels":"aeiou"}"#);
    check(serde_json::json!({"a": [1, null]}), br#"{"a":[1,null]}"#);
    let Json(back) = Json::<Count>::from_bytes(br#" {"vowels": "aeiou", "count": 3} "#).expect("decodes");
    assert_eq!(back, count());
}

#[test]
fn msgpack_names_the_fields_and_reads_arrays_too() {
    check(Msgpack(count()), b"\x82\xa5count\x03\xa6vowels\xa5aeiou");
    for bytes in [&b"\x82\xa6vowels\xa5aeiou\xa5count\x03"[..], b"\x92\x03\xa5aeiou"] {
        assert_eq!(Msgpack::<Count>::from_bytes(bytes).expect("decodes").into_inner(), count());
    }
}

#[test]
fn protobuf() {
    let note = Note { id: 300, text: "hi".to_owned() };
    check(Protobuf(note.clone()), b"\x08\xac\x02\x12\x02hi");
    assert_eq!(Protobuf::<Note>::from_bytes(b"\x12\x02hi\x08\xac\x02").expect("decodes").0, note);
    assert_eq!(Protobuf::<Note>::from_bytes(b"").expect("defaults").0, Note::default());
    assert!(Protobuf::<Note>::from_bytes(b"\x08").is_err());
}

#[test]
fn base64_is_standard_and_padded() {
    check(Base64([0xfb, 0xff]), b"+/8=");
    check(Base64("hello"), b"aGVsbG8=");
    check(Base64(vec![0u8; 0]), b"");
    assert_eq!(Base64::<Vec<u8>>::from_bytes(b"+/8=").expect("decodes").0, [0xfb, 0xff]);
    assert_eq!(Base64::<String>::from_bytes(b"aGVsbG8=").expect("decodes").0, "hello");
}

#[test]
fn raw_is_the_memory_of_the_value() {
    check(Raw(&[1u16, 0x0203]), &[1, 0, 3, 2]);
    check(Raw(&7u32), &[7, 0, 0, 0]);
}
