//! The part of a store that a plug-in sees.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// The longest name, in bytes.
const MAX_LEN: usize = 48;

/// The name of the part of a store that a plug-in sees. What a name is made of keeps namespaces apart wherever they become prefixes,
/// schemas or files: 1 to 48 ASCII letters in lower case, digits, `-` and `_`, with a letter or digit first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Namespace(String);

impl Namespace {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Checks that messages of this namespace reach no subject of Plugwright's own: workers and callers over NATS, and answers over MQTT,
    /// have subjects that begin with `plugwright`.
    pub(crate) fn check_for_messages(&self) -> Result<(), String> {
        if self.0.starts_with("plugwright") {
            return Err(format!(
                "messages of the namespace `{self}` could reach subjects of Plugwright's own, such as those by which workers are called; \
                 give a namespace that does not begin with `plugwright` (without one it is the plug-in's name)"
            ));
        }
        Ok(())
    }
}

impl Default for Namespace {
    /// `default`.
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name that cannot be a namespace's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` cannot be the name of a namespace: use 1 to 48 lower-case letters, digits, `-` and `_`, with a letter or digit first"
)]
pub struct InvalidNamespace(String);

impl FromStr for Namespace {
    type Err = InvalidNamespace;

    fn from_str(name: &str) -> Result<Self, InvalidNamespace> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let valid = name.len() <= MAX_LEN
            && name.bytes().next().is_some_and(plain)
            && name.bytes().all(|byte| plain(byte) || byte == b'-' || byte == b'_');
        if valid { Ok(Self(name.to_owned())) } else { Err(InvalidNamespace(name.chars().take(64).collect())) }
    }
}

impl<'de> Deserialize<'de> for Namespace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Namespace;

    #[test]
    fn names_that_could_leave_their_place_are_refused() {
        for good in ["a", "0", "shop", "shop-2_b", &"x".repeat(48)] {
            assert_eq!(good.parse::<Namespace>().expect("a valid name").as_str(), good);
        }
        for bad in
            ["", "-a", "_a", "Shop", "a.b", "a/b", "a:b", "a b", "a*", "ä", "a\0", "..", &"x".repeat(49)]
        {
            assert!(bad.parse::<Namespace>().is_err(), "`{bad}` was taken");
        }
    }
}
