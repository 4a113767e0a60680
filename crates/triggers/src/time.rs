//! Reading times in configuration.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserializer, Error, Visitor};

/// A time: `"2s"`, `"500ms"`, `"1m"`, or a number of milliseconds. It is not zero.
pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    struct Time;
    impl Visitor<'_> for Time {
        type Value = Duration;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a time, such as \"2s\", \"500ms\" or \"1m\", or a number of milliseconds")
        }

        fn visit_i64<E: Error>(self, millis: i64) -> Result<Duration, E> {
            match u64::try_from(millis) {
                Ok(millis) if millis > 0 => Ok(Duration::from_millis(millis)),
                _ => Err(E::custom("this time must be longer than zero")),
            }
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
            let wrong =
                || E::custom(format!("`{text}` is not a time; write it as \"2s\", \"500ms\" or \"1m\""));
            let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            let (number, unit) = text.split_at(digits);
            let millis: i64 = match unit {
                "ms" => 1,
                "s" => 1000,
                "m" => 60_000,
                "h" => 3_600_000,
                _ => return Err(wrong()),
            };
            let number: i64 = number.parse().map_err(|_| wrong())?;
            self.visit_i64(number.checked_mul(millis).ok_or_else(wrong)?)
        }
    }
    deserializer.deserialize_any(Time)
}
