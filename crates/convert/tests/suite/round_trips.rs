//! What is encoded decodes to the same value, and no bytes make a decoder panic.

use std::collections::BTreeMap;
use std::fmt::Debug;

use plugwright_convert::{Base64, FromBytes, FromBytesOwned, Json, Msgpack, Protobuf, Raw, ToBytes};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof};
use proptest::test_runner::{RngSeed, TestCaseError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Record {
    name: String,
    bytes: Vec<u8>,
    number: Option<i64>,
    children: BTreeMap<String, (bool, f64)>,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Kind {
    Plain,
    Named { name: String },
    Numbered(u64),
}

#[derive(Clone, PartialEq, prost::Message)]
struct Message {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(sint64, repeated, tag = "2")]
    numbers: Vec<i64>,
    #[prost(message, optional, boxed, tag = "3")]
    child: Option<Box<Message>>,
}

fn record() -> impl Strategy<Value = Record> {
    let kind = prop_oneof![
        Just(Kind::Plain),
        any::<String>().prop_map(|name| Kind::Named { name }),
        any::<u64>().prop_map(Kind::Numbered),
    ];
    let child = (any::<bool>(), -1e9..1e9);
    let children = proptest::collection::btree_map(any::<String>(), child, 0..4);
    (any::<String>(), any::<Vec<u8>>(), any::<Option<i64>>(), children, kind)
        .prop_map(|(name, bytes, number, children, kind)| Record { name, bytes, number, children, kind })
}

fn message() -> impl Strategy<Value = Message> {
    let leaf = (any::<String>(), any::<Vec<i64>>()).prop_map(|(name, numbers)| Message {
        name,
        numbers,
        child: None,
    });
    leaf.prop_recursive(4, 4, 1, |inner| {
        (any::<String>(), inner).prop_map(|(name, child)| Message {
            name,
            numbers: Vec::new(),
            child: Some(Box::new(child)),
        })
    })
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// By both ways to encode and both ways to decode, and inside the types that add nothing.
fn check<T>(value: T) -> Result<(), TestCaseError>
where
    T: for<'a> ToBytes<'a> + FromBytesOwned + PartialEq + Debug,
{
    let shown = value.with_bytes(<[u8]>::to_vec)?;
    let bytes = value.to_bytes()?;
    prop_assert_eq!(bytes.as_ref(), &shown);
    prop_assert_eq!(&T::from_bytes_owned(&shown)?, &value);
    prop_assert_eq!(&T::from_bytes(&shown)?, &value);
    prop_assert_eq!(&*Box::<T>::from_bytes(&shown)?, &value);
    let some = Some(value);
    let bytes = some.to_bytes()?;
    prop_assert_eq!(bytes.as_ref(), &shown);
    prop_assert_eq!(Option::<T>::from_bytes(&shown)?, some.filter(|_| !shown.is_empty()));
    Ok(())
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x706c_7567),
        ..ProptestConfig::default()
    }
}

proptest::proptest! {
    #![proptest_config(config())]

    #[test]
    fn text(value: String) {
        prop_assert_eq!(<&str>::from_bytes(value.as_str().to_bytes()?)?, &value);
        check(value.clone().into_boxed_str())?;
        check(Base64(value.clone()))?;
        check(value)?;
    }

    #[test]
    fn bytes(value: Vec<u8>, array: [u8; 7]) {
        prop_assert_eq!(<&[u8]>::from_bytes(value.as_slice().to_bytes()?)?, &value);
        prop_assert_eq!(*<&[u8; 7]>::from_bytes(&array)?, array);
        check(value.clone().into_boxed_slice())?;
        check(Base64(value.clone()))?;
        check(value)?;
        check(array)?;
    }

    #[test]
    fn scalars(i in any::<i32>(), u in any::<u32>(), l in any::<i64>(), q in any::<u64>(), b in any::<bool>()) {
        check(i)?;
        check(u)?;
        check(l)?;
        check(q)?;
        check(b)?;
        check(())?;
    }

    /// Every bit pattern, so infinities and each NaN's payload too.
    #[test]
    fn floats(single: u32, double: u64) {
        let value = f32::from_bits(single);
        prop_assert_eq!(f32::from_bytes(&value.to_bytes()?)?.to_bits(), single);
        let value = f64::from_bits(double);
        prop_assert_eq!(f64::from_bytes(&value.to_bytes()?)?.to_bits(), double);
    }

    #[test]
    fn serde_types(record in record(), value in json()) {
        check(Json(record.clone()))?;
        check(Msgpack(record))?;
        check(Json(value.clone()))?;
        check(Msgpack(value.clone()))?;
        check(value)?;
    }

    #[test]
    fn protobuf(message in message()) {
        check(Protobuf(message))?;
    }

    #[test]
    fn raw(value: [u32; 5]) {
        prop_assert_eq!(Raw::<[u32; 5]>::from_bytes(Raw(&value).to_bytes()?)?.0, &value);
    }

    #[test]
    fn arbitrary_bytes_are_a_value_or_an_error(data: Vec<u8>) {
        prop_assert_eq!(<&str>::from_bytes(&data).is_ok(), std::str::from_utf8(&data).is_ok());
        prop_assert_eq!(String::from_bytes(&data).is_ok(), std::str::from_utf8(&data).is_ok());
        prop_assert_eq!(<()>::from_bytes(&data).ok(), Some(()));
        prop_assert_eq!(<[u8; 3]>::from_bytes(&data).is_ok(), data.len() == 3);
        prop_assert_eq!(i32::from_bytes(&data).is_ok(), data.len() == 4);
        prop_assert_eq!(f64::from_bytes(&data).is_ok(), data.len() == 8);
        prop_assert_eq!(bool::from_bytes(&data).is_ok(), data == [0] || data == [1]);
        if let Ok(raw) = Raw::<u32>::from_bytes(&data) {
            prop_assert_eq!(raw.to_bytes()?, &data);
        }
        // What is accepted is a value: it can be written again and read back.
        if let Ok(value) = Value::from_bytes(&data) {
            prop_assert_eq!(Value::from_bytes(&value.to_bytes()?)?, value);
        }
        if let Ok(value) = Msgpack::<Value>::from_bytes(&data) {
            prop_assert_eq!(Msgpack::<Value>::from_bytes(&value.to_bytes()?)?, value);
        }
        if let Ok(value) = Msgpack::<Record>::from_bytes(&data) {
            prop_assert_eq!(Msgpack::<Record>::from_bytes(&value.to_bytes()?)?, value);
        }
        if let Ok(value) = Protobuf::<Message>::from_bytes(&data) {
            prop_assert_eq!(Protobuf::<Message>::from_bytes(&value.to_bytes()?)?, value);
        }
        if let Ok(value) = Base64::<Vec<u8>>::from_bytes(&data) {
            prop_assert_eq!(value.to_bytes()?, data);
        }
    }

    /// One changed byte in a valid encoding reaches deeper into the decoders than noise does.
    #[test]
    fn damaged_bytes_are_a_value_or_an_error(record in record(), message in message(), at: usize, byte: u8) {
        let damage = |mut data: Vec<u8>| {
            let len = data.len();
            if let Some(place) = data.get_mut(at % len.max(1)) {
                *place = byte;
            }
            data
        };
        if let Ok(value) = Json::<Record>::from_bytes(&damage(Json(&record).to_bytes()?)) {
            prop_assert_eq!(Json::<Record>::from_bytes(&value.to_bytes()?)?, value);
        }
        if let Ok(value) = Msgpack::<Value>::from_bytes(&damage(Msgpack(&record).to_bytes()?)) {
            prop_assert_eq!(Msgpack::<Value>::from_bytes(&value.to_bytes()?)?, value);
        }
        if let Ok(value) = Protobuf::<Message>::from_bytes(&damage(Protobuf(message).to_bytes()?)) {
            prop_assert_eq!(Protobuf::<Message>::from_bytes(&value.to_bytes()?)?, value);
        }
    }
}
