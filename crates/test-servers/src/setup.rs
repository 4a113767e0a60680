use std::marker::PhantomData;

use crate::error::Error;
use crate::kind::Kind;
use crate::server::Server;

/// The one user that a server knows.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub(crate) user: String,
    pub(crate) password: String,
}

/// What a server is to be before it starts. Made by [`Server::setup`].
#[derive(Debug, Clone)]
pub struct Setup<K> {
    pub(crate) credentials: Option<Credentials>,
    pub(crate) settings: Vec<String>,
    kind: PhantomData<K>,
}

impl<K: Kind> Setup<K> {
    pub(crate) fn new() -> Self {
        Self { credentials: None, settings: Vec::new(), kind: PhantomData }
    }

    /// Lets in this user alone, by password. Without it everybody is let in: PostgreSQL's user is then `postgres`.
    ///
    /// # Panics
    /// Unless both are 1 to 40 ASCII letters and digits: they need no quotes then in any configuration file, or in a URL.
    #[must_use]
    pub fn credentials(mut self, user: &str, password: &str) -> Self {
        for text in [user, password] {
            let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
            assert!(plain && (1..=40).contains(&text.len()), "credentials for tests are letters and digits");
        }
        self.credentials = Some(Credentials { user: user.into(), password: password.into() });
        self
    }

    /// Adds a line to the end of the server's configuration file, in the file's own language.
    #[must_use]
    pub fn setting(mut self, line: impl Into<String>) -> Self {
        self.settings.push(line.into());
        self
    }

    /// Starts it, and waits until it answers.
    ///
    /// # Errors
    /// When it is not installed, ends by itself, or does not answer.
    pub fn start(self) -> Result<Server<K>, Error> {
        Server::start_with(self)
    }
}
