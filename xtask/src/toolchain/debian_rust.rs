//! Debian's Rust compiler with a standard library for WebAssembly that is built here.
//!
//! For machines where rustup cannot fetch targets but a Debian mirror can be reached. Nothing on the system changes
//! and no privilege is needed: apt works on folders of its own, and packages are only unpacked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cache::Cache;
use crate::toolchain::apt::Apt;
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
    let libc = apt.backported("wasi-libc");
    let packages = ["rustc-web", "rust-web-src", "libstd-rust-web-dev", &runtime, &llvm, &libc];
    apt.unpack(&packages, &work.join("packages"), root)
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
