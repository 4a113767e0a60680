//! The server, and how it is reached.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{CancelToken, Client, Config, NoTls};

use super::frames::{Bound, Frames};
use super::link::Driver;
use super::tls::{Tls, Wanted};
use crate::Secret;

/// The port of a URL without one.
const DEFAULT_PORT: u16 = 5432;

/// A server, by the account that makes roles.
pub(super) struct Server {
    account: Config,
    database: String,
    host: String,
    port: u16,
    tls: Option<Tls>,
}

/// Bytes in both directions, encrypted or not.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Without what the account knows.
impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("database", &self.database)
            .field("encrypted", &self.tls.is_some())
            .finish_non_exhaustive()
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error(transparent)]
    Stream(#[from] std::io::Error),
    #[error(transparent)]
    Server(#[from] tokio_postgres::Error),
}

impl Server {
    /// # Errors
    ///
    /// What is wrong with the URL.
    pub(super) fn new(url: &Secret, password: Option<&Secret>) -> Result<Self, String> {
        let (url, wanted) = Wanted::split_off(url.reveal())?;
        let mut account: Config = url.parse().map_err(|_| "it cannot be read")?;
        let host = match account.get_hosts() {
            [Host::Tcp(host)] => host.clone(),
            [] => return Err("it has no host".to_owned()),
            [_] => return Err("it names a socket file, and only TCP can be used".to_owned()),
            _ => return Err("it names several hosts".to_owned()),
        };
        let tls = match &wanted {
            Wanted { is_wanted: false, .. } if account.get_ssl_mode() != SslMode::Require => None,
            Wanted { roots, .. } => Some(Tls::new(&host, roots.as_deref())?),
        };
        // The client is given streams that are encrypted already.
        account.ssl_mode(SslMode::Disable);
        if let Some(password) = password {
            account.password(password.reveal());
        }
        let Some(user) = account.get_user() else { return Err("it has no user".to_owned()) };
        let database = account.get_dbname().unwrap_or(user).to_owned();
        let port = account.get_ports().first().copied().unwrap_or(DEFAULT_PORT);
        account.application_name("plugwright");
        // Nothing that a plug-in has made is found by what the account runs.
        account.options("-c search_path=pg_catalog");
        Ok(Self { account, database, host, port, tls })
    }

    /// The account that makes roles.
    pub(super) fn account(&self) -> &Config {
        &self.account
    }

    /// How a role logs in, with these settings for its sessions.
    pub(super) fn role(&self, role: &str, settings: &str) -> Config {
        let mut config = Config::new();
        config.user(role).dbname(&self.database).ssl_mode(SslMode::Disable);
        config.application_name("plugwright").options(settings);
        if let Some(password) = self.role_password(role) {
            config.password(password);
        }
        config
    }

    /// The password of a role: every host with the same account derives the same, and nobody without it can. An account without a
    /// password logs in because the server trusts the host's address; so do the roles then.
    pub(super) fn role_password(&self, role: &str) -> Option<String> {
        let key = self.account.get_password()?;
        // HMAC takes keys of any length.
        let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
        mac.update(b"plugwright sql role ");
        mac.update(role.as_bytes());
        let code = mac.finalize().into_bytes();
        Some(code.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Connects. Messages of the server are bounded.
    pub(super) async fn connect(
        &self,
        config: &Config,
        bound: Arc<Bound>,
    ) -> Result<(Client, Driver), ConnectError> {
        let stream = Frames::new(self.stream().await?, bound);
        let (client, connection) = config.connect_raw(stream, NoTls).await?;
        // How it ends is seen by the client, whose next operation fails.
        let driver = Driver::new(tokio::spawn(async move { drop(connection.await) }));
        Ok((client, driver))
    }

    /// Asks the server to stop what a connection is doing.
    pub(super) async fn cancel(&self, token: CancelToken) -> Result<(), ConnectError> {
        let stream = self.stream().await?;
        Ok(token.cancel_query_raw(stream, NoTls).await?)
    }

    async fn stream(&self) -> std::io::Result<Box<dyn Stream>> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            Some(tls) => Box::new(tls.encrypt(stream).await?),
            None => Box::new(stream),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Server;
    use crate::Secret;

    fn server(url: &str) -> Result<Server, String> {
        Server::new(&Secret::new(url), None)
    }

    #[test]
    fn passwords_of_roles_depend_on_the_accounts() {
        let one = server("postgres://a:one@localhost/x").expect("a URL");
        let two = server("postgres://a:two@localhost/x").expect("a URL");
        let password = one.role_password("r").expect("there is one");
        assert_eq!(password.len(), 64);
        assert_ne!(Some(&password), two.role_password("r").as_ref());
        assert_ne!(Some(&password), one.role_password("s").as_ref());
        assert_eq!(server("postgres://a@localhost/x").expect("a URL").role_password("r"), None);
    }

    #[test]
    fn urls_that_cannot_be_used_are_refused_without_being_shown() {
        for (url, what) in [
            ("http://a", "cannot be read"),
            ("postgres://u:secret@/x", "host"),
            ("postgres://u:secret@a,b/x", "several"),
            ("postgres://u:secret@a/x?sslmode=yes", "sslmode"),
            ("postgres://u:secret@a/x?sslmode=verify-full&sslrootcert=no.pem", "no.pem"),
            ("postgres://u:secret@%2Ftmp/x", "socket"),
            ("postgres://a/x", "user"),
        ] {
            let error = server(url).expect_err("not usable");
            assert!(error.contains(what) && !error.contains("secret"), "{url}: {error}");
        }
        let shown = format!("{:?}", server("postgres://u:secret@a/x").expect("a URL"));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
