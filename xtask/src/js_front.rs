//! The reader of JavaScript that `plugwright build` carries: a plug-in, built from `crates/js/front`.
//!
//! Which sources and which Rust it was built from is recorded beside the module. The same of both give the same bytes, wherever they lie.

mod stage;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    repository::root().join("crates/js/shipped/front.wasm")
}

/// The compiler's version, and a hash of the sources.
fn record() -> PathBuf {
    repository::root().join("crates/js/shipped/front.built")
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

/// Fails if the module in the repository is not what its sources give.
///
/// Another Rust than the recorded one gives other bytes: then it is the hash of the sources that must be the recorded one.
///
/// # Errors
/// See above, and those of [`write`].
pub(crate) fn check() -> Result<()> {
    let recorded = fs::read_to_string(record()).context("run cargo xtask js-front")?;
    let (version, sources) = recorded.trim_end().split_once('\n').unwrap_or_default();
    let found = hash()?;
    ensure!(
        sources == found,
        "{} is older than its sources, which have the hash {found}: run cargo xtask js-front",
        shipped().display()
    );
    let cache = Cache::open()?;
    let rust = Rust::set_up(&cache)?;
    if rust.version().trim() != version {
        println!("not built anew: the module was built by {version}, and here is {}", rust.version().trim());
        return Ok(());
    }
    ensure!(
        build(&cache, &rust)? == fs::read(shipped())?,
        "{} is not what its sources give: run cargo xtask js-front",
        shipped().display()
    );
    Ok(())
}

fn hash() -> Result<String> {
    guests::hash(SOURCES.map(|source| repository::root().join(source)), &[])
}

/// Builds it, unless that has been done with these sources; compiling the parser takes minutes.
fn build(cache: &Cache, rust: &Rust) -> Result<Vec<u8>> {
    let recipe = concat!(include_str!("js_front.rs"), include_str!("js_front/stage.rs"));
    let version = guests::hash([], &[&hash()?, rust.version(), recipe])?;
    let folder = cache.install(&format!("js-front-{version}"), |folder| {
        let (stage, target) = (cache.scratch("js-front-stage"), cache.scratch("js-front-target"));
        stage::fill(&stage)?;
        // Where the packages lie must be known before they are compiled.
        process::run(rust.cargo().args(["fetch", "--locked", "--quiet"]).current_dir(&stage))?;
        let mut cargo = rust.cargo();
        cargo.args(["build", "--release", "--locked", "--quiet", "--target", PLAIN, "--target-dir"]);
        cargo.arg(&target).current_dir(&stage);
        cargo.env("CARGO_ENCODED_RUSTFLAGS", remapped(rust, &stage, &target)?.join("\x1f"));
        process::run(&mut cargo).context("the reader of JavaScript does not compile")?;
        let module = target.join(PLAIN).join("release").join("plugwright_js_front.wasm");
        fs::copy(&module, folder.join("front.wasm"))?;
        Ok(())
    })?;
    Ok(fs::read(folder.join("front.wasm"))?)
}

/// Flags of the compiler by which absolute paths, other ones on each machine, become the same everywhere.
fn remapped(rust: &Rust, stage: &Path, target: &Path) -> Result<Vec<String>> {
    let mut pairs = vec![(stage.to_owned(), ".".to_owned()), (target.to_owned(), "target".to_owned())];
    for registry in fs::read_dir(cargo_home()?.join("registry").join("src")).into_iter().flatten() {
        pairs.push((registry?.path(), "crates".to_owned()));
    }
    // The standard library's sources, if they are there: the compiler then names them, and otherwise where they were when it was built.
    let rustc =
        |arguments: &[&str]| process::output(Command::new("rustc").args(arguments).envs(rust.variables()));
    let library = PathBuf::from(rustc(&["--print", "sysroot"])?).join("lib/rustlib/src/rust");
    let about = rustc(&["--version", "--verbose"])?;
    let commit = about.lines().find_map(|line| line.strip_prefix("commit-hash: "));
    pairs.push((library, format!("/rustc/{}", commit.unwrap_or("unknown"))));
    Ok(pairs.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).collect())
}

/// Where Cargo keeps the sources of packages.
fn cargo_home() -> Result<PathBuf> {
    if let Some(home) = std::env::var_os("CARGO_HOME") {
        return Ok(home.into());
    }
    let home = std::env::home_dir().context("set HOME or CARGO_HOME: packages are kept there")?;
    Ok(home.join(".cargo"))
}
