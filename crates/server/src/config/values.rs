//! Reading the values of fields.

use std::time::Duration;

use serde::de::{Deserializer, Error, Visitor};

/// A time: `"2s"`, `"500ms"`, `"1m"`, or a number of milliseconds.
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    struct Time;
    impl Visitor<'_> for Time {
        type Value = Duration;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a time, such as \"2s\", \"500ms\" or \"1m\", or a number of milliseconds")
        }

        fn visit_i64<E: Error>(self, millis: i64) -> Result<Duration, E> {
            let millis = u64::try_from(millis).map_err(|_| E::custom("a time is not negative"))?;
            Ok(Duration::from_millis(millis))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
            let wrong = || {
                E::custom(format!(
                    "`{text}` is not a time; give a number with a unit, such as \"2s\", \"500ms\" or \"1m\""
                ))
            };
            let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            let (number, unit) = text.split_at(digits);
            let millis_per_unit = match unit {
                "ms" => 1,
                "s" => 1000,
                "m" => 60_000,
                "h" => 3_600_000,
                _ => return Err(wrong()),
            };
            let number: u64 = number.parse().map_err(|_| wrong())?;
            number.checked_mul(millis_per_unit).map(Duration::from_millis).ok_or_else(wrong)
        }
    }
    deserializer.deserialize_any(Time)
}

/// A time that is not zero, or nothing where the field is absent.
pub(super) fn some_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    match time(deserializer)? {
        Duration::ZERO => Err(D::Error::custom("a call needs some time; leave it out for the default")),
        time => Ok(Some(time)),
    }
}

struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = u64;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a number of bytes, such as 65536, \"64 KiB\" or \"1 MiB\"")
    }

    fn visit_i64<E: Error>(self, bytes: i64) -> Result<u64, E> {
        u64::try_from(bytes).map_err(|_| E::custom("a number of bytes is not negative"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
        let wrong = || {
            E::custom(format!(
                "`{text}` is not a number of bytes; write 65536, \"64 KiB\", \"1 MiB\" or \"1 GiB\""
            ))
        };
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let shift = match unit.trim_start() {
            "" | "B" => 0,
            "KiB" => 10,
            "MiB" => 20,
            "GiB" => 30,
            _ => return Err(wrong()),
        };
        let number: u64 = number.parse().map_err(|_| wrong())?;
        number.checked_mul(1 << shift).ok_or_else(wrong)
    }
}

/// A number of bytes: `65536`, `"64 KiB"`, `"1 MiB"`.
pub(super) fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    deserializer.deserialize_any(Bytes)
}

/// A number of bytes, or nothing where the field is absent.
pub(super) fn optional_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    bytes(deserializer).map(Some)
}
