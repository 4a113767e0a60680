//! What tells one kind of server from another.

/// What tells one kind of server from another. Those of this crate are all.
pub trait Kind: private::Kind {}

impl<K: private::Kind> Kind for K {}

pub(crate) mod private {
    use std::io;
    use std::net::SocketAddr;

    use rustix::process::Signal;

    use crate::error::Error;
    use crate::programs::Launch;
    use crate::setup::Credentials;
    use crate::site::Site;

    /// The part of [`super::Kind`] that is not public.
    pub trait Kind {
        /// The server's name in errors.
        const NAME: &'static str;
        /// The scheme of its URL.
        const SCHEME: &'static str;
        /// The user in its URL when it has no credentials, with `@`.
        const OPEN_USER: &'static str = "";
        /// What follows the address in its URL.
        const URL_PATH: &'static str = "";
        /// The signal that asks it to end at once, in good order.
        const STOP: Signal = Signal::TERM;

        /// Fills its folder, once.
        fn prepare(site: &Site) -> Result<(), Error>;

        /// How it is started, each time.
        fn launch(site: &Site) -> Result<Launch, Error>;

        /// Asks it something. `Ok(false)` and an error both mean: not yet.
        fn answers(address: SocketAddr, credentials: Option<&Credentials>) -> io::Result<bool>;
    }
}
