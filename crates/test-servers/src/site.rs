//! What a server keeps from one run to the next.

use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::error::Error;
use crate::place::Place;
use crate::programs::{Launch, Programs};
use crate::setup::Credentials;
use crate::spawner;
use crate::wait::PATIENCE;

/// How much of a log goes into an error, in bytes.
const LOG_END: usize = 2000;

/// A server's folder and port, and what it was told to be.
pub struct Site {
    /// The server's name in errors.
    server: &'static str,
    pub(crate) programs: Programs,
    place: Place,
    pub(crate) credentials: Option<Credentials>,
    settings: Vec<String>,
}

impl Site {
    /// An empty folder and a free port.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn new(
        server: &'static str,
        credentials: Option<Credentials>,
        settings: Vec<String>,
    ) -> Result<Self, Error> {
        let programs = Programs::find()?;
        let place = Place::reserve().map_err(Error::io(server, "make a folder for it"))?;
        Ok(Self { server, programs, place: place.ok_or(Error::NoPort { server })?, credentials, settings })
    }

    pub(crate) fn folder(&self) -> &Path {
        self.place.folder()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.place.address()
    }

    /// The settings, a line each.
    pub(crate) fn setting_lines(&self) -> String {
        self.settings.iter().map(|line| format!("{line}\n")).collect()
    }

    /// Writes a file into the server's folder.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.folder().join(name);
        fs::write(&path, text).map_err(self.cannot(format!("write {}", path.display())))
    }

    /// Makes a folder in the server's.
    pub(crate) fn make_folder(&self, name: &str) -> Result<(), Error> {
        let path = self.folder().join(name);
        fs::create_dir(&path).map_err(self.cannot(format!("make {}", path.display())))
    }

    /// Starts a program in the server's folder, which becomes its current folder.
    pub(crate) fn spawn(&self, launch: &Launch) -> Result<Child, Error> {
        self.start(self.command(launch)?)
    }

    fn command(&self, launch: &Launch) -> Result<Command, Error> {
        let log = File::options().create(true).append(true).open(self.log_path());
        let log = log.map_err(self.cannot("write its log"))?;
        let command = self.programs.command(launch, self.folder(), log);
        command.map_err(self.cannot("get ready to start it"))
    }

    fn start(&self, command: Command) -> Result<Child, Error> {
        spawner::spawn(command).map_err(self.cannot("start a program by setpriv, of util-linux"))
    }

    /// Runs a program to its end.
    pub(crate) fn run(&self, launch: &Launch) -> Result<(), Error> {
        let status = self.spawn(launch)?.wait().map_err(self.cannot("wait for a program"))?;
        if status.success() { Ok(()) } else { Err(self.ended(status)) }
    }

    /// Runs a program to its end, and returns what it wrote to its standard output, without the last line's end.
    pub(crate) fn output(&self, launch: &Launch) -> Result<String, Error> {
        let mut command = self.command(launch)?;
        command.stdout(Stdio::piped());
        let child = self.start(command)?;
        let output = child.wait_with_output().map_err(self.cannot("read what a program writes"))?;
        if !output.status.success() {
            return Err(self.ended(output.status));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned())
    }

    /// All that it has written to its standard streams.
    pub(crate) fn log(&self) -> Result<String, Error> {
        let log = fs::read(self.log_path()).map_err(self.cannot("read its log"))?;
        Ok(String::from_utf8_lossy(&log).into_owned())
    }

    pub(crate) fn cannot<E: Into<io::Error>>(&self, action: impl Into<String>) -> impl FnOnce(E) -> Error {
        Error::io(self.server, action)
    }

    /// For a program that was to stay, or to succeed.
    pub(crate) fn ended(&self, status: ExitStatus) -> Error {
        Error::Ended { server: self.server, status, log: self.log_end() }
    }

    /// For a program that did not do something in time.
    pub(crate) fn timed_out(&self, what: &'static str) -> Error {
        Error::TimedOut { server: self.server, what, limit: PATIENCE, log: self.log_end() }
    }

    /// The end of its log, in one line.
    fn log_end(&self) -> String {
        match self.log() {
            Ok(log) => {
                let end = &log[log.ceil_char_boundary(log.len().saturating_sub(LOG_END))..];
                end.trim().replace('\n', " | ")
            }
            Err(error) => error.to_string(),
        }
    }

    fn log_path(&self) -> PathBuf {
        self.folder().join("log")
    }
}
