//! Which hosts a plug-in may send requests to.

use std::net::Ipv6Addr;

use crate::error::Error;
use crate::field::FieldPath;

/// The most bytes that a pattern or a host name may have; longer hosts match nothing. It is the limit of DNS.
pub const MAX_HOST_BYTES: usize = 253;

/// A glob on host names: `*` stands for any run of characters, dots included, and `?` for one character.
///
/// Case does not matter, nor does a final dot. An IPv6 address is written in brackets, as in a URL. A pattern
/// is about the host alone, never about a scheme, user, port or path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    /// Lower case, without final dot, without `**`.
    glob: Vec<u8>,
}

impl HostPattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// [`Error::InvalidHostPattern`] when no host can be meant.
    pub fn new(pattern: &str) -> Result<Self, Error> {
        Self::compile(pattern).map_err(|reason| Error::InvalidHostPattern {
            at: FieldPath::root().key("allowed_hosts").into(),
            pattern: pattern.to_owned(),
            reason,
        })
    }

    fn compile(pattern: &str) -> Result<Self, &'static str> {
        if pattern.len() > MAX_HOST_BYTES {
            return Err("it is longer than 253 bytes, the most that a host name can have");
        }
        let host = match bracketed(pattern) {
            Some(address) => address_pattern(address)?,
            None => name_pattern(pattern)?,
        };
        let mut glob = host.into_bytes();
        glob.dedup_by(|a, b| *a == b'*' && *b == b'*');
        Ok(Self { glob })
    }

    /// Whether `host` matches. `host` is what a URL parser calls the host: a name, an IPv4 address, or an
    /// IPv6 address with or without brackets. Anything else (a port, a user, an empty string) never matches.
    ///
    /// Takes at most pattern length × host length steps, both at most [`MAX_HOST_BYTES`].
    pub fn matches(&self, host: &str) -> bool {
        normalise(host).is_some_and(|host| self.matches_normalised(host.as_bytes()))
    }

    fn matches_normalised(&self, host: &[u8]) -> bool {
        // Only the last star needs another try: whatever follows an earlier one has matched already, at the
        // leftmost place, which leaves the most for the rest.
        let (mut at, mut taken) = (0, 0);
        let mut last_star: Option<(usize, usize)> = None;
        while taken < host.len() {
            match self.glob.get(at) {
                Some(b'*') => {
                    last_star = Some((at, taken));
                    at += 1;
                }
                Some(&expected) if expected == b'?' || expected == host[taken] => {
                    at += 1;
                    taken += 1;
                }
                _ => match last_star {
                    Some((star, from)) => {
                        last_star = Some((star, from + 1));
                        (at, taken) = (star + 1, from + 1);
                    }
                    None => return false,
                },
            }
        }
        self.glob[at..].iter().all(|&byte| byte == b'*')
    }
}

/// The hosts that a plug-in may send requests to. The default allows none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AllowedHosts {
    patterns: Vec<HostPattern>,
}

impl AllowedHosts {
    /// Compiles patterns.
    ///
    /// # Errors
    /// [`Error::InvalidHostPattern`] with the index of the first pattern that is not one.
    pub fn new(patterns: &[impl AsRef<str>]) -> Result<Self, Error> {
        let compiled = patterns.iter().map(AsRef::as_ref).enumerate().map(|(index, pattern)| {
            HostPattern::compile(pattern).map_err(|reason| Error::InvalidHostPattern {
                at: FieldPath::root().key("allowed_hosts").index(index).into(),
                pattern: pattern.to_owned(),
                reason,
            })
        });
        Ok(Self { patterns: compiled.collect::<Result<_, _>>()? })
    }

    /// Whether requests to `host` are allowed; see [`HostPattern::matches`].
    pub fn allows(&self, host: &str) -> bool {
        normalise(host).is_some_and(|host| {
            self.patterns.iter().any(|pattern| pattern.matches_normalised(host.as_bytes()))
        })
    }

    /// Whether no host at all is allowed.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }
}

fn bracketed(text: &str) -> Option<&str> {
    text.strip_prefix('[')?.strip_suffix(']')
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

fn is_wildcard(byte: u8) -> bool {
    matches!(byte, b'*' | b'?')
}

/// The one spelling of a host that patterns are compared with; `None` for what is not a host.
fn normalise(host: &str) -> Option<String> {
    if host.len() > MAX_HOST_BYTES {
        return None;
    }
    if let Ok(address) = bracketed(host).unwrap_or(host).parse::<Ipv6Addr>() {
        return Some(format!("[{address}]"));
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    (!name.is_empty() && name.bytes().all(is_name_byte)).then(|| name.to_ascii_lowercase())
}

fn name_pattern(pattern: &str) -> Result<String, &'static str> {
    let name = pattern.strip_suffix('.').unwrap_or(pattern);
    if name.is_empty() {
        return Err("it is empty; write a host name, or `*` for every host");
    }
    if !name.is_ascii() {
        return Err("it is not ASCII; write an international name in its `xn--` form");
    }
    if name.contains("://") || name.contains('/') {
        return Err("it has a scheme or path; write the host name alone");
    }
    if name.contains('@') {
        return Err("it has a user; write the host name alone");
    }
    if name.contains(':') {
        return Err("it has a port, or is an IPv6 address without brackets; write `example.com` or `[::1]`");
    }
    if !name.bytes().all(|byte| is_name_byte(byte) || is_wildcard(byte)) {
        return Err("only letters, digits, `-`, `_`, `.`, `*` and `?` are possible");
    }
    Ok(name.to_ascii_lowercase())
}

fn address_pattern(address: &str) -> Result<String, &'static str> {
    if address.bytes().any(is_wildcard) {
        let possible =
            |byte: u8| byte.is_ascii_hexdigit() || is_wildcard(byte) || matches!(byte, b':' | b'.');
        if !address.bytes().all(possible) {
            return Err("brackets hold an IPv6 address, such as `[::1]` or `[fd00:*]`");
        }
        return Ok(format!("[{}]", address.to_ascii_lowercase()));
    }
    match address.parse::<Ipv6Addr>() {
        Ok(address) => Ok(format!("[{address}]")),
        Err(_) => Err("brackets hold an IPv6 address, such as `[::1]` or `[fd00:*]`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, host: &str) -> bool {
        HostPattern::new(pattern).unwrap().matches(host)
    }

    #[test]
    fn a_name_matches_itself_in_any_case_and_with_a_final_dot() {
        assert!(matches("Example.COM", "example.com"));
        assert!(matches("example.com", "EXAMPLE.com."));
        assert!(matches("example.com.", "example.com"));
        assert!(!matches("example.com", "example.com.evil.org"));
        assert!(!matches("example.com", "evil-example.com"));
        assert!(!matches("example.com", "exampleXcom"));
    }

    #[test]
    fn a_star_spans_dots_and_a_question_mark_is_one_character() {
        assert!(matches("*.example.com", "a.b.example.com"));
        assert!(!matches("*.example.com", "example.com"));
        assert!(!matches("*.example.com", "a.example.com.evil.org"));
        assert!(matches("a*c*e", "abcde"));
        assert!(matches("a**e", "ae"));
        assert!(matches("api-?.local", "api-7.local"));
        assert!(!matches("api-?.local", "api-.local"));
        assert!(!matches("api-?.local", "api-77.local"));
        assert!(matches("*", "anything.at.all"));
    }

    #[test]
    fn addresses_match_in_every_spelling() {
        assert!(matches("127.0.0.1", "127.0.0.1"));
        for host in ["[::1]", "::1", "[0:0:0:0:0:0:0:1]"] {
            assert!(matches("[0::1]", host), "{host}");
            assert!(matches("*", host), "{host}");
        }
        assert!(matches("[fd00:*]", "[FD00::7]"));
        assert!(!matches("[fd00:*]", "[fe80::7]"));
    }

    #[test]
    fn what_is_not_a_host_matches_nothing() {
        for host in ["", ".", "a:80", "user@a", "a/b", "a b", "é", "[::1", "[a]", "[::1]:80", "a%00"] {
            assert!(!matches("*", host), "{host}");
        }
        assert!(matches("*", &"a".repeat(253)));
        assert!(!matches("*", &"a".repeat(254)));
    }

    #[test]
    fn bad_patterns_say_why() {
        let reason = |pattern: &str| HostPattern::new(pattern).unwrap_err().to_string();
        assert!(reason("").contains("empty"));
        assert!(reason(".").contains("empty"));
        assert!(reason("https://example.com").contains("scheme"));
        assert!(reason("example.com/x").contains("path"));
        assert!(reason("me@example.com").contains("user"));
        assert!(reason("example.com:443").contains("port"));
        assert!(reason("::1").contains("brackets"));
        assert!(reason("bücher.example").contains("xn--"));
        assert!(reason("[a-z].example").contains("only letters"));
        assert!(reason("{a,b}").contains("only letters"));
        assert!(reason("[zz]").contains("IPv6"));
        assert!(reason("[zz*]").contains("IPv6"));
        assert!(reason("[::1]:80").contains("port"));
        assert!(reason(&"a".repeat(254)).contains("253"));
    }

    #[test]
    fn a_list_allows_what_one_of_its_patterns_matches() {
        let hosts = AllowedHosts::new(&["a.example", "*.b.example"]).unwrap();
        assert!(hosts.allows("a.example") && hosts.allows("x.b.example"));
        assert!(!hosts.allows("b.example") && !hosts.is_empty());
        assert!(!AllowedHosts::default().allows("a.example") && AllowedHosts::default().is_empty());
        let error = AllowedHosts::new(&["a", "b:1"]).unwrap_err();
        assert_eq!(error.field().unwrap().to_string(), "allowed_hosts[1]");
    }
}
