//! Where the servers' programs are, and how one is started.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::Error;
use crate::user;

/// The folder's name in the cache, which changes with the recipe of `cargo xtask brokers`.
const RECIPE: &str = include_str!("../recipe");
const VARIABLE: &str = "PLUGWRIGHT_TEST_SERVERS";

/// The folder of the unpacked packages, as if it were the root of a system.
#[derive(Debug)]
pub(crate) struct Programs {
    root: PathBuf,
}

/// A program and its arguments.
pub struct Launch {
    program: PathBuf,
    arguments: Vec<OsString>,
    /// Never as root, who is refused.
    never_root: bool,
}

impl Programs {
    /// Asks the environment variable, else the user's cache folder.
    pub(crate) fn find() -> Result<Self, Error> {
        if let Some(root) = env::var_os(VARIABLE).filter(|root| !root.is_empty()) {
            return Ok(Self { root: root.into() });
        }
        let cache = env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| env::home_dir().map(|home| home.join(".cache")))
            .ok_or(Error::NoCacheFolder)?;
        Ok(Self { root: cache.join("plugwright/toolchains").join(RECIPE.trim_end()) })
    }

    /// A program by its path in a system.
    pub(crate) fn launch(&self, path: &'static str) -> Result<Launch, Error> {
        let program = self.root.join(path);
        if !program.is_file() {
            return Err(Error::NotInstalled { program: path, folder: self.root.clone() });
        }
        Ok(Launch { program, arguments: Vec::new(), never_root: false })
    }

    /// A program by its name among PostgreSQL's, whose folder has the version in its path.
    pub(crate) fn launch_postgres(&self, name: &'static str) -> Result<Launch, Error> {
        let missing = || Error::NotInstalled { program: "PostgreSQL", folder: self.root.clone() };
        let mut versions = fs::read_dir(self.root.join("usr/lib/postgresql")).map_err(|_| missing())?;
        // One package was unpacked: there is one version.
        let version = versions.next().and_then(Result::ok).ok_or_else(missing)?;
        let program = version.path().join("bin").join(name);
        if !program.is_file() {
            return Err(missing());
        }
        Ok(Launch { program, arguments: Vec::new(), never_root: true })
    }

    /// The command that starts it in `folder`, appends what it writes to `log`, and lets it end with the thread that starts it.
    pub(crate) fn command(&self, launch: &Launch, folder: &Path, log: File) -> io::Result<Command> {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]);
        if launch.never_root {
            user::become_unprivileged(&mut command)?;
        }
        command.arg(&launch.program).args(&launch.arguments).current_dir(folder);
        // Nothing of this process's environment changes what a server does.
        command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path)));
        let libraries = format!("usr/lib/{}-linux-gnu", env::consts::ARCH);
        command.env("LD_LIBRARY_PATH", self.root.join(libraries)).env("LC_ALL", "C");
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Ok(command)
    }
}

impl Launch {
    pub(crate) fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(crate) fn args<const N: usize>(mut self, arguments: [&str; N]) -> Self {
        self.arguments.extend(arguments.map(OsString::from));
        self
    }
}
