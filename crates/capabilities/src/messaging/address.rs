//! Where a broker is.

use std::fmt;
use std::str::FromStr;

use crate::Secret;
use crate::percent::decoded;

/// The protocol of a broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// NATS: `nats://`, or `tls://` with encryption.
    Nats,
    /// MQTT: `mqtt://`, or `mqtts://` with encryption.
    Mqtt,
}

/// Where a broker is, and how to log in there: `nats://user:password@host:4222`, `mqtt://host?version=3.1.1`.
///
/// What is printed of it has no credentials. Characters of user and password that mean something in URLs are written as `%40`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address {
    scheme: Scheme,
    encrypted: bool,
    host: String,
    port: u16,
    login: Option<(Secret, Secret)>,
    old_mqtt: bool,
}

/// What is wrong with an address. It does not have the address itself, which may have a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the address of a broker is `nats://[user:password@]host[:port]`, `tls://…`, `mqtt://…` or `mqtts://…`: {0}"
)]
pub struct InvalidAddress(String);

impl InvalidAddress {
    /// This library was built without what the address needs.
    #[cfg(not(all(feature = "nats", feature = "mqtt")))]
    pub(super) fn not_built(address: &Address) -> Self {
        Self(format!("this program was built without support for `{address}`"))
    }
}

impl Address {
    /// The protocol.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Whether the connection is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// The name or address of the host, an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// User and password.
    pub fn login(&self) -> Option<&(Secret, Secret)> {
        self.login.as_ref()
    }

    /// Whether MQTT 3.1.1 is to be spoken, and not 5.
    pub fn is_old_mqtt(&self) -> bool {
        self.old_mqtt
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let wrong = |message: &str| InvalidAddress(message.to_owned());
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("`://` is missing"))?;
        let (scheme, encrypted, usual_port) = match scheme {
            "nats" => (Scheme::Nats, false, 4222),
            "tls" => (Scheme::Nats, true, 4222),
            "mqtt" => (Scheme::Mqtt, false, 1883),
            "mqtts" => (Scheme::Mqtt, true, 8883),
            _ => return Err(wrong("another protocol is not known")),
        };
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
        let old_mqtt = match (scheme, query) {
            (_, None) | (Scheme::Mqtt, Some("version=5")) => false,
            (Scheme::Mqtt, Some("version=3.1.1")) => true,
            (Scheme::Mqtt, Some(_)) => {
                return Err(wrong("after `?` only `version=5` or `version=3.1.1` may come"));
            }
            (Scheme::Nats, Some(_)) => return Err(wrong("nothing may come after `?`")),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (login, place) = match rest.rsplit_once('@') {
            Some((login, place)) => (Some(login), place),
            None => (None, rest),
        };
        let login = login.map(|login| {
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            let decoded = |text| {
                decoded(text)
                    .map(Secret::new)
                    .ok_or_else(|| wrong("user or password is not valid in a URL; write `%` as `%25`"))
            };
            Ok::<_, InvalidAddress>((decoded(user)?, decoded(password)?))
        });
        let (host, port) = match place.strip_prefix('[').and_then(|place| place.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, port)) => {
                (host, Some(port.strip_prefix(':').ok_or_else(|| wrong("after `]` comes `:` and the port"))?))
            }
            None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
        };
        let named = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
        if host.is_empty() || !host.bytes().all(named) {
            return Err(wrong("the host is not a name or an address"));
        }
        let port = port.map(|port| port.parse().map_err(|_| wrong("the port is not a number up to 65535")));
        Ok(Self {
            scheme,
            encrypted,
            host: host.to_owned(),
            port: port.transpose()?.unwrap_or(usual_port),
            login: login.transpose()?,
            old_mqtt,
        })
    }
}

impl fmt::Display for Address {
    /// The address without credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match (self.scheme, self.encrypted) {
            (Scheme::Nats, false) => "nats",
            (Scheme::Nats, true) => "tls",
            (Scheme::Mqtt, false) => "mqtt",
            (Scheme::Mqtt, true) => "mqtts",
        };
        let Self { host, port, .. } = self;
        if host.contains(':') {
            write!(f, "{scheme}://[{host}]:{port}")
        } else {
            write!(f, "{scheme}://{host}:{port}")
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, Scheme};

    fn parsed(text: &str) -> Address {
        text.parse().unwrap_or_else(|error| panic!("`{text}`: {error}"))
    }

    #[test]
    fn addresses_are_read_and_printed_without_credentials() {
        let address = parsed("nats://me:s%40crt:x@host.example:1");
        assert_eq!((address.scheme(), address.host(), address.port()), (Scheme::Nats, "host.example", 1));
        let (user, password) = address.login().expect("a login");
        assert_eq!((user.reveal(), password.reveal()), ("me", "s@crt:x"));
        assert_eq!(address.to_string(), "nats://host.example:1");
        assert_eq!(format!("{address:?}"), "Address(nats://host.example:1)");
        assert_eq!(parsed("mqtt://h").port(), 1883);
        assert!(parsed("mqtt://h?version=3.1.1").is_old_mqtt());
        assert_eq!(parsed("mqtts://[::1]").to_string(), "mqtts://[::1]:8883");
        assert_eq!((parsed("tls://[::1]:5/").host(), parsed("tls://[::1]:5").port()), ("::1", 5));
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_shown() {
        for bad in [
            "h",
            "http://h",
            "nats://",
            "nats://h:x",
            "nats://h:99999",
            "mqtt://h?v=1",
            "nats://h?version=5",
            "nats://a b",
            "nats://secret:%zz@h",
            "nats://secret@h/x",
            "mqtt://[::1]x",
        ] {
            let error = bad.parse::<Address>().expect_err(bad).to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
