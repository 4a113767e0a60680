use std::marker::PhantomData;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Child;

use rustix::process::{Pid, kill_process};

use crate::error::Error;
use crate::kind::Kind;
use crate::setup::Setup;
use crate::site::Site;
use crate::{processes, wait};

/// A server of one kind, with a port and a data folder of its own.
///
/// When it is dropped, the server is killed and its data are deleted. It is killed as well when this process ends, in
/// whatever way.
pub struct Server<K: Kind> {
    child: Option<Child>,
    pub(crate) site: Site,
    kind: PhantomData<K>,
}

impl<K: Kind> Server<K> {
    /// Starts a server that lets everybody in, and waits until it answers.
    ///
    /// # Errors
    /// When it is not installed, ends by itself, or does not answer.
    pub fn start() -> Result<Self, Error> {
        Self::setup().start()
    }

    /// Says first what the server is to be.
    #[must_use]
    pub fn setup() -> Setup<K> {
        Setup::new()
    }

    pub(crate) fn start_with(setup: Setup<K>) -> Result<Self, Error> {
        let site = Site::new(K::NAME, setup.credentials, setup.settings)?;
        K::prepare(&site)?;
        let mut server = Self { child: None, site, kind: PhantomData };
        server.launch()?;
        Ok(server)
    }

    /// Where it listens: the same for its whole life.
    pub fn address(&self) -> SocketAddr {
        self.site.address()
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.address().port()
    }

    /// Its URL, with the credentials if it has any.
    pub fn url(&self) -> String {
        let user = match &self.site.credentials {
            Some(credentials) => format!("{}:{}@", credentials.user, credentials.password),
            None => K::OPEN_USER.to_owned(),
        };
        format!("{}://{user}{}{}", K::SCHEME, self.address(), K::URL_PATH)
    }

    /// Its folder: configuration, data and log.
    pub fn folder(&self) -> &Path {
        self.site.folder()
    }

    /// All that it has written to its standard streams, in this run and those before.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn log(&self) -> Result<String, Error> {
        self.site.log()
    }

    /// The number of its first process.
    ///
    /// # Errors
    /// When it is not running.
    pub fn process_id(&self) -> Result<u32, Error> {
        self.child.as_ref().map(Child::id).ok_or(Error::NotRunning { server: K::NAME })
    }

    /// Kills it and all that it has started, by SIGKILL, and waits until they are gone. Its port stays reserved.
    ///
    /// # Errors
    /// When it is not running, or cannot be killed.
    pub fn kill(&mut self) -> Result<(), Error> {
        let others = processes::kill_all(self.pid()?).map_err(self.site.cannot("kill it"))?;
        self.reap()?;
        if processes::wait_until_gone(&others) { Ok(()) } else { Err(self.site.timed_out("end")) }
    }

    /// Asks it to end in good order, and waits until it has ended. One that is paused goes on first.
    ///
    /// # Errors
    /// When it is not running, or does not end.
    pub fn stop(&mut self) -> Result<(), Error> {
        self.resume()?;
        kill_process(self.pid()?, K::STOP).map_err(self.site.cannot("stop it"))?;
        if wait::until(|| self.has_ended())? { self.reap() } else { Err(self.site.timed_out("end")) }
    }

    /// Starts it again, on the same port and with the same data, and waits until it answers. One that is running is
    /// killed first.
    ///
    /// # Errors
    /// When it cannot be killed, ends by itself, or does not answer.
    pub fn restart(&mut self) -> Result<(), Error> {
        if self.child.is_some() {
            self.kill()?;
        }
        self.launch()
    }

    /// Stops it and all that it has started, by SIGSTOP: connections stay, and nothing is answered.
    ///
    /// # Errors
    /// When it is not running, or cannot be stopped.
    pub fn pause(&mut self) -> Result<(), Error> {
        processes::freeze(self.pid()?).map(drop).map_err(self.site.cannot("pause it"))
    }

    /// Lets it go on after [`pause`](Self::pause).
    ///
    /// # Errors
    /// When it is not running.
    pub fn resume(&mut self) -> Result<(), Error> {
        processes::thaw(self.pid()?).map_err(self.site.cannot("let it go on"))
    }

    fn launch(&mut self) -> Result<(), Error> {
        let launch = K::launch(&self.site)?;
        let child = self.child.insert(self.site.spawn(&launch)?);
        let answered = wait::until(|| {
            if let Some(status) = child.try_wait().map_err(self.site.cannot("wait for it"))? {
                return Err(self.site.ended(status));
            }
            // Until it is ready it refuses connections, or hangs up.
            Ok(K::answers(self.site.address(), self.site.credentials.as_ref()).unwrap_or(false))
        });
        if let Err(Error::Ended { .. }) = answered {
            self.child = None;
        }
        if answered? { Ok(()) } else { Err(self.site.timed_out("answer")) }
    }

    fn has_ended(&mut self) -> Result<bool, Error> {
        let child = self.child.as_mut().ok_or(Error::NotRunning { server: K::NAME })?;
        Ok(child.try_wait().map_err(self.site.cannot("wait for it"))?.is_some())
    }

    /// Waits for the first process, which is ending.
    fn reap(&mut self) -> Result<(), Error> {
        let mut child = self.child.take().ok_or(Error::NotRunning { server: K::NAME })?;
        child.wait().map(drop).map_err(self.site.cannot("wait for it"))
    }

    fn pid(&self) -> Result<Pid, Error> {
        let child = self.child.as_ref().ok_or(Error::NotRunning { server: K::NAME })?;
        Ok(Pid::from_child(child))
    }
}

impl<K: Kind> Drop for Server<K> {
    fn drop(&mut self) {
        if self.child.is_some()
            && let Err(error) = self.kill()
        {
            eprintln!("{error}");
        }
    }
}
