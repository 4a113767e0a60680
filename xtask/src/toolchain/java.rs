//! Java and Maven.

mod unpacked;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::toolchain::apt::Apt;

/// The oldest JDK that is used.
const OLDEST: u32 = 17;

/// Count the changes of these recipes.
const JDK: &str = "jdk-debian-1";
const MAVEN: &str = "maven-debian-1";

/// A JDK and Maven, each that of this machine when there is one.
pub(crate) struct Java {
    /// Where the JDK is, unless its programs are found by themselves.
    home: Option<PathBuf>,
    maven: PathBuf,
    /// What Maven has downloaded.
    repository: PathBuf,
}

impl Java {
    /// Looks for a JDK and Maven on this machine, and installs Debian's when one is missing or the JDK is too old.
    pub(crate) fn set_up(cache: &Cache) -> Result<Self> {
        let home = if has_jdk() { None } else { Some(install_jdk(cache)?) };
        let maven = if has_maven(home.as_deref()) { "mvn".into() } else { install_maven(cache)? };
        Ok(Self { home, maven, repository: cache.scratch("maven-repository") })
    }

    /// Maven, told to keep downloads in the cache, and to build the project in `folder` into `output`.
    pub(crate) fn maven(&self, folder: &Path, output: &Path) -> Command {
        let mut maven = Command::new(&self.maven);
        maven.current_dir(folder).envs(self.home.as_ref().map(|home| ("JAVA_HOME", home)));
        // Silent unless something fails.
        maven.args(["--batch-mode", "--no-transfer-progress", "--quiet", "--strict-checksums"]);
        maven.arg(format!("-Dmaven.repo.local={}", self.repository.display()));
        maven.arg(format!("-Dbuild.folder={}", output.display()));
        maven
    }

    /// The `java` command.
    pub(crate) fn java(&self) -> Command {
        Command::new(self.home.as_ref().map_or_else(|| "java".into(), |home| home.join("bin").join("java")))
    }
}

/// Whether this machine has a JDK that is recent enough. A missing one is no error.
fn has_jdk() -> bool {
    let answer = Command::new("javac").arg("-version").output();
    answer
        .ok()
        .and_then(|answer| release(&String::from_utf8_lossy(&answer.stdout)))
        .is_some_and(|release| release >= OLDEST)
}

/// Whether this machine has a Maven that works.
fn has_maven(home: Option<&Path>) -> bool {
    let mut maven = Command::new("mvn");
    maven.arg("--version").envs(home.map(|home| ("JAVA_HOME", home)));
    maven.output().is_ok_and(|answer| answer.status.success())
}

/// Unpacks the JDK that Debian recommends (17 in Debian 12), and returns its folder.
fn install_jdk(cache: &Cache) -> Result<PathBuf> {
    let root = cache
        .install(JDK, |root| {
            let work = tempfile::tempdir()?;
            let apt = Apt::new(work.path())?;
            // Named, both are unpacked even when this system has one of them.
            let jdk = apt.dependency("default-jdk-headless", "openjdk-")?;
            let jre = apt.dependency("default-jre-headless", "openjdk-")?;
            apt.unpack_with_dependencies(&[&jdk, &jre], root)?;
            unpacked::complete_jdk(root)
        })
        .context("install a JDK, 17 or later, with this system's packages")?;
    unpacked::home(&root)
}

/// Unpacks Debian's Maven, and returns the program.
fn install_maven(cache: &Cache) -> Result<PathBuf> {
    let root = cache
        .install(MAVEN, |root| {
            let work = tempfile::tempdir()?;
            Apt::new(work.path())?.unpack_with_dependencies(&["maven"], root)?;
            unpacked::relink(root)
        })
        .context("install maven with this system's packages")?;
    Ok(root.join("usr/share/maven/bin/mvn"))
}

/// The release in the answer of `javac -version`.
fn release(answer: &str) -> Option<u32> {
    let version = answer.trim().strip_prefix("javac ")?;
    version.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::release;

    #[test]
    fn versions_are_understood() {
        assert_eq!(release("javac 17.0.15\n"), Some(17));
        assert_eq!(release("javac 25-ea"), Some(25));
        assert_eq!(release("javac 1.8.0_392"), Some(1));
        assert_eq!(release(""), None);
    }
}
