//! Debian's Rust compiler with a standard library for WebAssembly that is built here.
//!
//! For machines where rustup cannot fetch targets but a Debian mirror can be reached. Nothing on the system changes
//! and no privilege is needed: apt works on folders of its own, and packages are only unpacked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cache::Cache;
use crate::toolchain::rust::{PLAIN, WASI};
use crate::{process, repository};

/// Counts the changes of this recipe.
const NAME: &str = "rust-debian-1";

/// Where Debian keeps shared libraries.
const LIBRARIES: &str = "usr/lib/x86_64-linux-gnu";

/// The compiler in an installation.
pub(crate) fn rustc(root: &Path) -> PathBuf {
    root.join("usr/bin/rustc")
}

/// What makes cargo use the installation.
pub(crate) fn variables(root: &Path) -> Vec<(String, PathBuf)> {
    vec![("RUSTC".into(), rustc(root)), ("LD_LIBRARY_PATH".into(), root.join(LIBRARIES))]
}

/// Installs the compiler and builds its standard library, in about four minutes.
pub(crate) fn install(cache: &Cache) -> Result<PathBuf> {
    cache.install(NAME, |root| {
        let work = tempfile::tempdir_in(root)?;
        unpack(work.path(), root)?;
        let version = Command::new(rustc(root)).arg("--version").envs(variables(root)).output()?;
        if !version.status.success() {
            bail!("the unpacked compiler does not start: {}", String::from_utf8_lossy(&version.stderr));
        }
        copy_libc(root)?;
        build_std(work.path(), root)?;
        // The sources and the documentation are of no use any more, and large.
        fs::remove_dir_all(root.join("usr/src"))?;
        fs::remove_dir_all(root.join("usr/share"))?;
        Ok(())
    })
}

/// Downloads the packages and unpacks them into `root`.
fn unpack(work: &Path, root: &Path) -> Result<()> {
    let apt = Apt::new(&work.join("apt"))?;
    let runtime = apt.dependency("libstd-rust-web-dev", "libstd-rust-web-")?;
    let llvm = apt.dependency(&runtime, "libllvm")?;
    let libc = format!("wasi-libc/{}", apt.backports);
    let packages = ["rustc-web", "rust-web-src", "libstd-rust-web-dev", &runtime, &llvm, &libc];
    for package in apt.download(&packages, &work.join("packages"))? {
        process::run(Command::new("dpkg-deb").arg("--extract").arg(package).arg(root))?;
    }
    Ok(())
}

/// Gives the compiler the start files and the C library that its WASI target expects beside the standard library.
fn copy_libc(root: &Path) -> Result<()> {
    let from = root.join("usr/lib/wasm32-wasi");
    let to = libraries_of(root, WASI).join("self-contained");
    fs::create_dir_all(&to)?;
    for file in ["crt1-command.o", "crt1-reactor.o", "libc.a"] {
        fs::copy(from.join(file), to.join(file)).with_context(|| format!("wasi-libc has no {file}"))?;
    }
    Ok(())
}

/// Builds the standard library as a by-product of an empty crate, and moves it to where the compiler looks for it.
fn build_std(work: &Path, root: &Path) -> Result<()> {
    let package = work.join("empty");
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("src/lib.rs"), "")?;
    let manifest = "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(package.join("Cargo.toml"), manifest)?;

    let target = work.join("target");
    let mut cargo = repository::cargo();
    cargo.args([
        "build",
        "--quiet",
        "--release",
        "-Zbuild-std=std,panic_abort",
        "--target",
        PLAIN,
        "--target",
        WASI,
    ]);
    cargo.current_dir(&package).envs(variables(root)).env("CARGO_TARGET_DIR", &target);
    // Without its bitcode the library cannot take part in link-time optimisation.
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Cembed-bitcode=yes");
    process::run(cargo.env_remove("CARGO_ENCODED_RUSTFLAGS"))?;

    for name in [PLAIN, WASI] {
        let libraries = libraries_of(root, name);
        fs::create_dir_all(&libraries)?;
        for entry in fs::read_dir(target.join(name).join("release/deps"))? {
            let file = entry?.path();
            let file_name = file.file_name().unwrap_or_default();
            let is_library = file.extension().is_some_and(|extension| extension == "rlib");
            if is_library && !file_name.to_string_lossy().starts_with("libempty") {
                fs::copy(&file, libraries.join(file_name))?;
            }
        }
    }
    Ok(())
}

fn libraries_of(root: &Path, target: &str) -> PathBuf {
    root.join("usr/lib/rustlib").join(target).join("lib")
}

/// apt on folders of its own: the system's sources, and the backports of its release.
struct Apt {
    options: Vec<String>,
    backports: String,
}

impl Apt {
    /// Fetches the lists of packages into `folder`.
    fn new(folder: &Path) -> Result<Self> {
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
        let apt = Self { options, backports };
        process::run(Command::new("apt-get").args(&apt.options).args(["--quiet=2", "update"]))?;
        Ok(apt)
    }

    /// The dependency of `package` whose name begins with `prefix`: such names move with the version.
    fn dependency(&self, package: &str, prefix: &str) -> Result<String> {
        let answer =
            process::output(Command::new("apt-cache").args(&self.options).arg("depends").arg(package))?;
        find_dependency(&answer, prefix).with_context(|| {
            format!("{package} depends on no {prefix}*: the recipe needs Debian 12 or later")
        })
    }

    /// Downloads packages and returns their files.
    fn download(&self, packages: &[&str], folder: &Path) -> Result<Vec<PathBuf>> {
        fs::create_dir_all(folder)?;
        let mut download = Command::new("apt-get");
        download.args(&self.options).args(["--quiet=2", "download"]).args(packages).current_dir(folder);
        process::run(&mut download)?;
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
    }
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
