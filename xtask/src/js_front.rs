//! The reader of JavaScript that `plugwright build` carries: a plug-in, built from `crates/js/front`.
//!
//! Which sources and which Rust it was built from is recorded beside the module.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::cache::Cache;
use crate::toolchain::{PLAIN, Rust};
use crate::{guests, process, repository};

/// What the module is built from.
const SOURCES: [&str; 7] = [
    "crates/js/front/Cargo.lock",
    "crates/js/front/Cargo.toml",
    "crates/js/front/no-browser",
    "crates/js/front/src",
    "crates/convert/src",
    "pdks/rust/derive",
    "pdks/rust/src",
];

fn shipped() -> PathBuf {
    repository::root().join("crates/js/front/front.wasm")
}

/// The compiler's version, and a hash of the sources.
fn record() -> PathBuf {
    repository::root().join("crates/js/front/front.built")
}

/// Builds the module, for the repository.
///
/// # Errors
/// When the sources do not compile.
pub(crate) fn write() -> Result<()> {
    let cache = Cache::open()?;
    let rust = Rust::set_up(&cache)?;
    let module = build(&cache, &rust)?;
    fs::write(shipped(), &module)?;
    fs::write(record(), format!("{}\n{}\n", rust.version().trim(), hash()?))?;
    println!("{} has {} bytes", shipped().display(), module.len());
    Ok(())
}

/// Fails if the module in the repository was not built from the sources as they are, by their hash.
///
/// It is not built anew to compare bytes: they still depend on the folder of the checkout.
///
/// # Errors
/// See above, and when the record cannot be read.
pub(crate) fn check() -> Result<()> {
    let recorded = fs::read_to_string(record()).context("run cargo xtask js-front")?;
    let (_, sources) = recorded.trim_end().split_once('\n').unwrap_or_default();
    let found = hash()?;
    ensure!(
        sources == found,
        "{} is older than its sources, which have the hash {found}: run cargo xtask js-front",
        shipped().display()
    );
    Ok(())
}

fn hash() -> Result<String> {
    guests::hash(SOURCES.map(|source| repository::root().join(source)), &[])
}

/// Builds it, unless that has been done with these sources; compiling the parser takes minutes.
fn build(cache: &Cache, rust: &Rust) -> Result<Vec<u8>> {
    let version = guests::hash([], &[&hash()?, rust.version()])?;
    let folder = cache.install(&format!("js-front-{version}"), |folder| {
        let target = cache.scratch("js-front-target");
        // Where the packages lie must be known before they are compiled.
        let fetch = ["fetch", "--locked", "--quiet", "--manifest-path", "crates/js/front/Cargo.toml"];
        process::run(rust.cargo().args(fetch))?;
        let mut cargo = rust.cargo();
        cargo.args(["build", "--release", "--locked", "--quiet", "--target", PLAIN, "--manifest-path"]);
        cargo.arg("crates/js/front/Cargo.toml").arg("--target-dir").arg(&target);
        // Absolute paths would be other ones on each machine.
        let mut flags = Vec::new();
        let home = cargo_home()?;
        for registry in fs::read_dir(home.join("registry").join("src")).into_iter().flatten() {
            flags.push(format!("--remap-path-prefix={}=crates", registry?.path().display()));
        }
        flags.push(format!("--remap-path-prefix={}=.", repository::root().display()));
        process::run(cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f")))
            .context("the reader of JavaScript does not compile")?;
        let module = target.join(PLAIN).join("release").join("plugwright_js_front.wasm");
        fs::copy(&module, folder.join("front.wasm"))?;
        Ok(())
    })?;
    Ok(fs::read(folder.join("front.wasm"))?)
}

/// Where Cargo keeps the sources of packages.
fn cargo_home() -> Result<PathBuf> {
    if let Some(home) = std::env::var_os("CARGO_HOME") {
        return Ok(home.into());
    }
    let home = std::env::home_dir().context("set HOME or CARGO_HOME: packages are kept there")?;
    Ok(home.join(".cargo"))
}
