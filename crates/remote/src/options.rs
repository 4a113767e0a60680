//! How to reach the servers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_nats::{ConnectOptions, ServerAddr};

use crate::error::RemoteError;

/// How long a server may take to answer when a connection begins.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How often a silent connection is tried, so that one that is cut without notice is given up after two or three of these.
const PING_INTERVAL: Duration = Duration::from_secs(10);

/// The longest time between two attempts to connect again.
const MAX_RECONNECT_DELAY: Duration = Duration::from_secs(1);

/// Where the servers are, and who we are.
///
/// Credentials in an address are taken out of it at once, so that no message can show it with them.
#[derive(Clone)]
pub struct NatsOptions {
    address: String,
    login: Option<Login>,
    certificates: Option<PathBuf>,
    identity: Option<(PathBuf, PathBuf)>,
}

#[derive(Clone)]
enum Login {
    User(String, String),
    Token(String),
}

impl NatsOptions {
    /// The servers of one cluster, with commas between them: `nats://[user:password@]host[:port]`, `nats://token@host`, or `tls://…`
    /// for an encrypted connection.
    pub fn new(address: impl Into<String>) -> Self {
        Self { address: address.into(), login: None, certificates: None, identity: None }
    }

    /// Logs in by name and password; before those of the address.
    #[must_use]
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.login = Some(Login::User(name.into(), password.into()));
        self
    }

    /// Logs in by a token; before that of the address.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.login = Some(Login::Token(token.into()));
        self
    }

    /// Trusts the certificate authorities in this PEM file too.
    #[must_use]
    pub fn certificates(mut self, file: impl Into<PathBuf>) -> Self {
        self.certificates = Some(file.into());
        self
    }

    /// Shows this certificate, of PEM files with it and its key.
    #[must_use]
    pub fn identity(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.identity = Some((certificate.into(), key.into()));
        self
    }

    /// The servers without credentials, for the client and for people; and how to connect to them.
    pub(crate) fn resolve(&self) -> Result<(Vec<ServerAddr>, String, ConnectOptions), RemoteError> {
        let mut login = self.login.clone();
        let mut servers = Vec::new();
        for address in self.address.split(',').map(str::trim) {
            let (server, found) = parse(address).map_err(|reason| RemoteError::Address {
                address: without_credentials(&self.address),
                reason: reason.to_owned(),
            })?;
            login = login.or(found);
            servers.push(server);
        }
        let shown = servers.iter().map(ServerAddr::as_url_str).collect::<Vec<_>>().join(", ");
        let mut options = ConnectOptions::new()
            .name("plugwright")
            .connection_timeout(CONNECT_TIMEOUT)
            .ping_interval(PING_INTERVAL)
            .reconnect_delay_callback(|attempts| {
                let millis = 50_u64.saturating_mul(u64::try_from(attempts).unwrap_or(u64::MAX));
                Duration::from_millis(millis).min(MAX_RECONNECT_DELAY)
            });
        if servers.iter().any(|server| server.scheme() == "tls") {
            options = options.require_tls(true);
        }
        match login {
            Some(Login::User(name, password)) => options = options.user_and_password(name, password),
            Some(Login::Token(token)) => options = options.token(token),
            None => {}
        }
        if let Some(file) = &self.certificates {
            options = options.add_root_certificates(readable(file)?);
        }
        if let Some((certificate, key)) = &self.identity {
            options = options.add_client_certificate(readable(certificate)?, readable(key)?);
        }
        Ok((servers, shown, options))
    }
}

impl std::fmt::Debug for NatsOptions {
    /// Without credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let address = without_credentials(&self.address);
        f.debug_struct("NatsOptions").field("address", &address).finish_non_exhaustive()
    }
}

/// An address without credentials, and those. An error says what is wrong, and nothing of the address.
fn parse(address: &str) -> Result<(ServerAddr, Option<Login>), &'static str> {
    // What the parser says could quote what it parses.
    let given: ServerAddr = address.parse().map_err(|_| "it cannot be parsed")?;
    if !matches!(given.scheme(), "nats" | "tls") {
        return Err("it begins with something else than nats:// or tls://");
    }
    let login = match (given.username(), given.password()) {
        (Some(name), Some(password)) => Some(Login::User(decoded(name), decoded(password))),
        (Some(token), None) => Some(Login::Token(decoded(token))),
        (None, _) => None,
    };
    let host = given.host();
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let bare = format!("{}://{host}:{}", given.scheme(), given.port());
    let server = bare.parse().map_err(|_| "it cannot be parsed")?;
    Ok((server, login))
}

/// Addresses with everything left out that is in front of the last host, even if they are no addresses at all: a password may have
/// any character, also a comma.
fn without_credentials(addresses: &str) -> String {
    match addresses.rsplit_once('@') {
        None => addresses.trim().to_owned(),
        Some((before, host)) => {
            let scheme = before.split_once("://").map_or("nats", |(scheme, _)| scheme.trim());
            let scheme = if matches!(scheme, "nats" | "tls") { scheme } else { "…" };
            format!("{scheme}://…@{}", host.trim())
        }
    }
}

/// What `%XX` stands for.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |digits: &[u8]| {
            std::str::from_utf8(digits).ok().and_then(|text| u8::from_str_radix(text, 16).ok())
        };
        match (first, tail.get(..2).and_then(hex)) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A file that the client will read later, when it can no longer say what is wrong with it.
fn readable(file: &Path) -> Result<PathBuf, RemoteError> {
    match std::fs::File::open(file) {
        Ok(_) => Ok(file.to_owned()),
        Err(error) => Err(RemoteError::File { file: file.display().to_string(), reason: error.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_leave_the_address() {
        let options = NatsOptions::new("nats://jane:s3cr%40t@one:4223, tls://two");
        let (servers, shown, _) = options.resolve().unwrap();
        assert_eq!(shown, "nats://one:4223, tls://two:4222");
        assert!(servers.iter().all(|server| server.username().is_none() && server.password().is_none()));
        assert!(!format!("{options:?}").contains("s3cr"), "{options:?}");
        let (_, login) = parse("nats://jane:s3cr%40t@one").unwrap();
        assert!(matches!(login, Some(Login::User(name, password)) if name == "jane" && password == "s3cr@t"));
        let (server, login) = parse("nats://t0ken@[::1]:5000").unwrap();
        assert_eq!(server.as_url_str(), "nats://[::1]:5000");
        assert!(matches!(login, Some(Login::Token(token)) if token == "t0ken"));
    }

    #[test]
    fn a_comma_in_a_password_shows_nothing_of_it() {
        let options = NatsOptions::new("nats://jane:s3,cret@one");
        let error = options.resolve().err().map(|error| error.to_string()).unwrap();
        for shown in [format!("{options:?}"), error] {
            assert!(!shown.contains("s3") && !shown.contains("cret") && shown.contains("one"), "{shown}");
        }
    }

    #[test]
    fn what_is_no_address_is_shown_without_credentials() {
        for address in
            ["nats://jane:s3cret@:x", "http://jane:s3cret@one", "jane:s3cret@@one:99999", "s3cret@"]
        {
            let error = NatsOptions::new(address).resolve().err().map(|error| error.to_string());
            let error = error.unwrap_or_else(|| panic!("{address} is taken"));
            assert!(error.contains("nats://127.0.0.1:4222") && !error.contains("s3cret"), "{error}");
        }
    }
}
