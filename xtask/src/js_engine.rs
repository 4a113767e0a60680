//! The engine of JavaScript plug-ins: built from its C sources, and checked to be what they give.
//!
//! `crates/js/shipped/engine.wasm` is QuickJS-ng with our natives (`pdks/js/engine/src`), and the prelude (`pdks/js/prelude`) in
//! custom sections. The same sources and compiler give the same bytes on every machine.

mod section;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::cache::Cache;
use crate::toolchain::Zig;
use crate::{process, repository};

/// Of QuickJS, besides what `quickjs_wasm.c` includes.
const QUICKJS: [&str; 3] = ["dtoa", "libregexp", "libunicode"];

/// For every C file. Without `NDEBUG` there would be file names in it.
const EVERY: [&str; 6] =
    ["-target", "wasm32-wasi", "-DNDEBUG", "-D_GNU_SOURCE", "-fno-sanitize=undefined", "-I"];

const OUR_OPTIONS: [&str; 5] = ["-Os", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror"];

/// QuickJS: for speed, but with little inlining, which makes it a quarter larger for little.
const QUICKJS_OPTIONS: [&str; 4] = ["-O2", "-mllvm", "-inline-threshold=60", "-w"];

const LINK: [&str; 6] =
    ["-target", "wasm32-wasi", "-mexec-model=reactor", "-O2", "-s", "-Wl,-z,stack-size=655360"];

/// What the names of the prelude's sections begin with.
const SECTION: &str = "plugwright.prelude/";

fn folder() -> PathBuf {
    repository::root().join("pdks").join("js")
}

fn shipped() -> PathBuf {
    repository::root().join("crates").join("js").join("shipped").join("engine.wasm")
}

/// Builds the engine from its sources, for the repository.
///
/// # Errors
/// When the sources or the compiler cannot be had, or the former do not compile.
pub(crate) fn write() -> Result<()> {
    let engine = build(&Cache::open()?)?;
    fs::write(shipped(), &engine)?;
    println!("{} has {} bytes", shipped().display(), engine.len());
    Ok(())
}

/// Fails if the engine in the repository is not what its sources give, or does not do what its tests want.
///
/// # Errors
/// See above, and those of [`write`].
pub(crate) fn check() -> Result<()> {
    let built = build(&Cache::open()?)?;
    let path = shipped();
    let found = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(built == found, "{} is not what its sources give: run cargo xtask js-engine", path.display());
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=dot", "tests/"]).current_dir(folder());
    process::run(&mut node).context("the tests of the JavaScript engine need node 20 or later")
}

fn build(cache: &Cache) -> Result<Vec<u8>> {
    let zig = Zig::set_up(cache)?;
    let quickjs = quickjs(cache)?;
    let objects = tempfile::tempdir()?;
    let sources = folder().join("engine").join("src");
    let mut compiled = Vec::new();
    for name in QUICKJS {
        compiled.push(compile(&zig, &quickjs, &quickjs, name, &QUICKJS_OPTIONS, objects.path())?);
    }
    for name in names(&sources, "c")? {
        let options: &[&str] = if name == "quickjs_wasm" { &QUICKJS_OPTIONS } else { &OUR_OPTIONS };
        compiled.push(compile(&zig, &quickjs, &sources, &name, options, objects.path())?);
    }
    let linked = objects.path().join("engine.wasm");
    process::run(zig.command().arg("cc").args(LINK).args(&compiled).arg("-o").arg(&linked))?;
    let mut engine = fs::read(&linked)?;
    for name in names(&folder().join("prelude"), "js")? {
        let file = format!("{name}.js");
        let source = fs::read(folder().join("prelude").join(&file))?;
        section::append(&mut engine, &format!("{SECTION}{file}"), &source);
    }
    Ok(engine)
}

/// Compiles one file; gives the object's path.
fn compile(
    zig: &Zig,
    quickjs: &Path,
    folder: &Path,
    name: &str,
    options: &[&str],
    objects: &Path,
) -> Result<PathBuf> {
    let object = objects.join(format!("{name}.o"));
    let mut cc = zig.command();
    cc.arg("cc").args(EVERY).arg(quickjs).args(options);
    cc.arg("-c").arg(format!("{name}.c")).arg("-o").arg(&object);
    process::run(cc.current_dir(folder))?;
    Ok(object)
}

/// The names, without the ending and in order, of a folder's files with this ending.
fn names(folder: &Path, ending: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == ending)
            && let Some(name) = path.file_stem().and_then(|name| name.to_str())
        {
            names.push(name.to_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// The folder with the C sources of QuickJS-ng, which come inside a crate: Cargo checks their hash.
fn quickjs(cache: &Cache) -> Result<PathBuf> {
    let described = folder().join("engine").join("quickjs");
    let lock = fs::read_to_string(described.join("Cargo.lock"))?;
    let version = lock
        .split_once("name = \"rquickjs-sys\"\nversion = \"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .context("the lock file of the engine does not name rquickjs-sys")?
        .0;
    let vendored = cache.install(&format!("rquickjs-sys-{version}"), |folder| {
        let mut cargo = repository::cargo();
        cargo.args(["vendor", "--quiet", "--locked", "--manifest-path"]).arg(described.join("Cargo.toml"));
        process::output(cargo.arg(folder)).map(drop)
    })?;
    Ok(vendored.join("rquickjs-sys").join("quickjs"))
}
