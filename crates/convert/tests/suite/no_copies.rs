//! Values that hold their bytes lend them.

use plugwright_convert::{FromBytes, Raw, ToBytes};

fn shown<'a>(value: impl ToBytes<'a>) -> *const u8 {
    value.with_bytes(<[u8]>::as_ptr).expect("encodes")
}

#[test]
#[expect(clippy::needless_borrows_for_generic_args, reason = "references are what is tested")]
fn owned_bytes_are_shown_in_place() {
    let text = "a text".to_owned();
    let bytes = vec![1u8, 2, 3];
    let array = [1u8, 2, 3];
    assert_eq!(shown(&text), text.as_ptr());
    assert_eq!(shown(Some(&text)), text.as_ptr());
    assert_eq!(shown(&&text), text.as_ptr());
    assert_eq!(shown(&bytes), bytes.as_ptr());
    assert_eq!(shown(&array), array.as_ptr());
    let boxed = Box::new(bytes);
    assert_eq!(shown(&boxed), boxed.as_ptr());
    let boxed = text.into_boxed_str();
    assert_eq!(shown(&boxed), boxed.as_ptr());
}

#[test]
fn borrowed_bytes_are_lent_on() {
    let text = "a text".to_owned();
    assert_eq!(text.as_str().to_bytes().expect("encodes").as_ptr(), text.as_ptr());
    assert_eq!(text.as_bytes().to_bytes().expect("encodes").as_ptr(), text.as_ptr());
    assert_eq!(Raw(&[1u32]).to_bytes().expect("encodes").len(), 4);
}

#[test]
fn decoding_a_reference_borrows() {
    let data = b"abcd".to_vec();
    assert_eq!(<&str>::from_bytes(&data).expect("text").as_ptr(), data.as_ptr());
    assert_eq!(<&[u8]>::from_bytes(&data).expect("bytes").as_ptr(), data.as_ptr());
    assert_eq!(<&[u8; 4]>::from_bytes(&data).expect("four").as_ptr(), data.as_ptr());
    assert_eq!(<Option<&str>>::from_bytes(&data).expect("text").map(str::as_ptr), Some(data.as_ptr()));
    assert_eq!(<Option<&[u8]>>::from_bytes(&data).expect("bytes").map(<[u8]>::as_ptr), Some(data.as_ptr()));
}
