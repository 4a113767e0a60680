use std::marker::PhantomData;

use crate::error::Error;
use crate::kind::Kind;
use crate::server::Server;

/// The one user that a server knows.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The name. Letters and digits, so that it needs no quotes anywhere.
    pub user: String,
    /// The password. Letters and digits.
    pub password: String,
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

    /// Lets in this user alone, by password. Both are letters and digits.
    ///
    /// Without it, everybody is let in: PostgreSQL's user is then `postgres`.
    #[must_use]
    pub fn credentials(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
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
