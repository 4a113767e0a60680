//! Packages of Debian, downloaded and unpacked without touching the system or needing a privilege.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// apt on folders of its own: the system's sources, and the backports of its release.
pub(super) struct Apt {
    options: Vec<String>,
    backports: String,
    /// Where it leaves what it downloads for an installation.
    archives: PathBuf,
}

impl Apt {
    /// Fetches the lists of packages into `folder`.
    pub(super) fn new(folder: &Path) -> Result<Self> {
        let sources = folder.join("sources");
        for needed in ["sources", "state/lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(folder.join(needed))?;
        }
        for entry in fs::read_dir("/etc/apt/sources.list.d")? {
            let entry = entry?;
            fs::copy(entry.path(), sources.join(entry.file_name()))?;
        }
        let (site, release) = mirror()?;
        let backports = format!("{release}-backports");
        fs::write(sources.join("backports.list"), format!("deb {site} {backports} main\n"))?;

        let set = |name: &str, path: &Path| format!("--option=Dir::{name}={}", path.display());
        let options = vec![
            set("State", &folder.join("state")),
            set("State::status", Path::new("/var/lib/dpkg/status")),
            set("Cache", &folder.join("cache")),
            set("Etc::SourceParts", &sources),
            // Started by root, apt would download as a user who cannot write here.
            "--option=APT::Sandbox::User=root".into(),
        ];
        let apt = Self { options, backports, archives: folder.join("cache/archives") };
        process::run(Command::new("apt-get").args(&apt.options).args(["--quiet=2", "update"]))?;
        Ok(apt)
    }

    /// The dependency of `package` whose name begins with `prefix`: such names move with the version.
    pub(super) fn dependency(&self, package: &str, prefix: &str) -> Result<String> {
        let answer =
            process::output(Command::new("apt-cache").args(&self.options).arg("depends").arg(package))?;
        find_dependency(&answer, prefix).with_context(|| {
            format!("{package} depends on no {prefix}*: the recipe needs Debian 12 or later")
        })
    }

    /// Downloads packages into `folder` and unpacks them into `root`.
    pub(super) fn unpack(&self, packages: &[&str], folder: &Path, root: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        let mut download = Command::new("apt-get");
        download.args(&self.options).args(["--quiet=2", "download"]).args(packages).current_dir(folder);
        process::run(&mut download)?;
        unpack_all(folder, root)
    }

    /// Downloads packages, and what they need that this system lacks, and unpacks all of them into `root`.
    pub(super) fn unpack_with_dependencies(&self, packages: &[&str], root: &Path) -> Result<()> {
        let mut download = Command::new("apt-get");
        // Nothing is installed, so there is nothing to lock.
        download.args(&self.options).args(["--quiet=2", "--option=Debug::NoLocking=1", "--yes"]);
        download
            .args(["--no-install-recommends", "--reinstall", "--download-only", "install"])
            .args(packages);
        process::run(&mut download)?;
        unpack_all(&self.archives, root)
    }

    /// The name of a package in the backports, which are asked for explicitly.
    pub(super) fn backported(&self, package: &str) -> String {
        format!("{package}/{}", self.backports)
    }
}

/// Unpacks each package in `folder` into `root`.
fn unpack_all(folder: &Path, root: &Path) -> Result<()> {
    for package in fs::read_dir(folder)? {
        let package = package?.path();
        if package.extension().is_some_and(|extension| extension == "deb") {
            process::run(Command::new("dpkg-deb").arg("--extract").arg(package).arg(root))?;
        }
    }
    Ok(())
}

/// The mirror that this system uses and the name of its release.
fn mirror() -> Result<(String, String)> {
    let system = fs::read_to_string("/etc/os-release").context("the recipe needs Debian")?;
    let release = system.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let release = release.context("/etc/os-release names no release")?.trim_matches('"');
    let mut targets = Command::new("apt-get");
    targets.args(["indextargets", "--format", "$(RELEASE) $(SITE)", "Created-By: Packages"]);
    let answer = process::output(&mut targets)?;
    let site = answer.lines().find_map(|line| line.strip_prefix(release)?.strip_prefix(' '));
    let site = site.with_context(|| format!("apt has no source for {release}"))?;
    Ok((site.to_owned(), release.to_owned()))
}

fn find_dependency(answer: &str, prefix: &str) -> Option<String> {
    let names = answer.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    names.into_iter().find(|name| name.starts_with(prefix)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::find_dependency;

    #[test]
    fn dependencies_are_found_by_their_prefix() {
        let answer =
            "libstd-rust-web-1.96\n  Depends: libc6\n  Depends: libllvm22\n  Conflicts: <libllvm1>\n";
        assert_eq!(find_dependency(answer, "libllvm").as_deref(), Some("libllvm22"));
        assert_eq!(find_dependency(answer, "libgcc"), None);
    }
}
