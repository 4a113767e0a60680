//! Reading the values of flags.

use std::path::Path;
use std::time::Duration;

/// A number of bytes, or the default when it is negative, as the public command has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit(pub(crate) Option<u64>);

pub(super) fn limit(text: &str) -> Result<Limit, String> {
    if text == "-1" {
        return Ok(Limit(None));
    }
    text.parse()
        .map(|bytes| Limit(Some(bytes)))
        .map_err(|_| "give a number of bytes, or -1 for the default".to_owned())
}

/// A time with or without a unit; without one it is in milliseconds.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let help = || {
        "give a number with a unit, such as `2s`, `500ms` or `1m`; a plain number is milliseconds".to_owned()
    };
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds_per_unit = match unit {
        "" | "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(help()),
    };
    let number: f64 = number.parse().map_err(|_| help())?;
    Duration::try_from_secs_f64(number * seconds_per_unit).map_err(|_| "this time is too long".to_owned())
}

/// The same, but not zero.
pub(super) fn some_time(text: &str) -> Result<Duration, String> {
    match time(text)? {
        Duration::ZERO => Err("a call needs some time; leave it out for the default".to_owned()),
        time => Ok(time),
    }
}

/// `KEY=VALUE`; a key alone has an empty value, as in the public command.
pub(super) fn config(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    if key.is_empty() {
        return Err("the key is empty; give KEY=VALUE".to_owned());
    }
    Ok((key.to_owned(), value.to_owned()))
}

/// `NAME=VALUE`.
pub(super) fn env(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !text.contains('\0') => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("give NAME=VALUE".to_owned()),
    }
}

/// `NAME=FILE`; a file alone is linked under its name without extension, as in the public command.
pub(super) fn link(text: &str) -> Result<(String, String), String> {
    let (name, file) = match text.split_once('=') {
        Some((name, file)) => (name.to_owned(), file),
        None => (
            Path::new(text).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(),
            text,
        ),
    };
    if name.is_empty() || file.is_empty() {
        return Err("give NAME=FILE".to_owned());
    }
    Ok((name, file.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, millis) in [
            ("0", 0),
            ("500", 500),
            ("500ms", 500),
            ("2s", 2000),
            ("1.5s", 1500),
            ("1m", 60_000),
            ("1h", 3_600_000),
        ] {
            assert_eq!(time(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "-1s", "2 s", "2 days", "1e3", "1.2.3", "inf", "nan", &"9".repeat(400)] {
            assert!(time(text).is_err(), "{text}");
        }
        assert_eq!(some_time("1ms"), Ok(Duration::from_millis(1)));
        assert!(some_time("0s").is_err());
    }

    #[test]
    fn limits() {
        assert_eq!(limit("0"), Ok(Limit(Some(0))));
        assert_eq!(limit("-1"), Ok(Limit(None)));
        for text in ["", "-2", "1 MiB", "18446744073709551616"] {
            assert!(limit(text).is_err(), "{text}");
        }
    }

    #[test]
    fn pairs() {
        let pair = |a: &str, b: &str| Ok((a.to_owned(), b.to_owned()));
        assert_eq!(config("a=b=c"), pair("a", "b=c"));
        assert_eq!(config("a"), pair("a", ""));
        assert!(config("=b").is_err());
        assert_eq!(env("A="), pair("A", ""));
        for text in ["A", "=b", "A=\0"] {
            assert!(env(text).is_err());
        }
        assert_eq!(link("lib=some/file.wasm"), pair("lib", "some/file.wasm"));
        assert_eq!(link("some/file.wasm"), pair("file", "some/file.wasm"));
        for text in ["", "=file", "name="] {
            assert!(link(text).is_err(), "{text}");
        }
    }
}
