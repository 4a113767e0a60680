//! The packages as they are published: one in JavaScript, and one with the addon for each platform.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

use super::stage::{PLATFORM, copy, copy_package};
use crate::{process, repository};

/// What the JavaScript of a consumer says to have worked.
const PROGRAM: &str = "createPlugin(Buffer.from('(module (func (export \"run\")))'))
    .then((plugin) => plugin.call('run')).then((output) => console.log(output));";

/// Makes both packages of this platform, from the addon that was built in a folder, and returns their files.
///
/// # Errors
/// When npm cannot pack them, or a file cannot be copied.
pub(super) fn make(addon: &Path, output: &Path) -> Result<[PathBuf; 2]> {
    fs::create_dir_all(output)?;
    let work = tempfile::tempdir()?;
    let main = work.path().join("main");
    copy_package(&main)?;
    let mut description: Value = serde_json::from_slice(&fs::read(main.join("package.json"))?)?;
    let platform = work.path().join("platform");
    fs::create_dir_all(&platform)?;
    let file = format!("plugwright.{PLATFORM}.node");
    copy(addon, &platform.join(&file))?;
    strip(&platform.join(&file))?;
    let of_platform = platform_package(&description, PLATFORM, &file)?;
    fs::write(platform.join("package.json"), serde_json::to_string_pretty(&of_platform)?)?;
    description["optionalDependencies"] = Value::Object(platforms(&description)?);
    let fields = description.as_object_mut().context("package.json is an object")?;
    fields.remove("devDependencies");
    fs::write(main.join("package.json"), serde_json::to_string_pretty(&description)?)?;
    Ok([pack(&main, output)?, pack(&platform, output)?])
}

/// Installs both packages into an empty folder, and uses them there.
///
/// # Errors
/// When that does not work.
pub(super) fn check(addon: &Path) -> Result<()> {
    let work = tempfile::tempdir()?;
    let packages = make(addon, &work.path().join("packages"))?;
    let empty = work.path().join("empty");
    fs::create_dir_all(&empty)?;
    fs::write(empty.join("package.json"), "{\"private\": true}\n")?;
    // Offline: packages of other platforms, which are optional, are not found.
    let mut install = Command::new("npm");
    install.args(["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error"]).args(&packages);
    process::run(install.current_dir(&empty))?;
    let programs = [
        ("commonjs", format!("const createPlugin = require('plugwright'); {PROGRAM}")),
        ("module", format!("import createPlugin from 'plugwright'; {PROGRAM}")),
    ];
    for (kind, program) in programs {
        let mut node = Command::new("node");
        node.arg(format!("--input-type={kind}")).arg("--eval").arg(program).current_dir(&empty);
        let said = process::output(&mut node)?;
        ensure!(said == "null", "the installed package said {said:?}");
    }
    Ok(())
}

/// The packages of all platforms, as dependencies.
fn platforms(description: &Value) -> Result<Map<String, Value>> {
    let targets = description["napi"]["targets"].as_array().context("package.json names no targets")?;
    let names = targets.iter().filter_map(Value::as_str).map(platform_of);
    Ok(names.map(|name| (format!("@plugwright/node-{name}"), description["version"].clone())).collect())
}

/// What npm calls the platform of a target of Rust's, as napi-rs does.
fn platform_of(target: &str) -> String {
    let arch = if target.starts_with("aarch64") { "arm64" } else { "x64" };
    if target.contains("apple") {
        format!("darwin-{arch}")
    } else if target.contains("windows") {
        format!("win32-{arch}-msvc")
    } else {
        format!("linux-{arch}-{}", if target.ends_with("musl") { "musl" } else { "gnu" })
    }
}

/// The description of the package with the addon of a platform.
fn platform_package(main: &Value, platform: &str, file: &str) -> Result<Value> {
    let mut parts = platform.split('-');
    let (os, cpu) = (parts.next().context("no system")?, parts.next().context("no processor")?);
    let mut description = json!({
        "name": format!("@plugwright/node-{platform}"),
        "version": main["version"],
        "description": format!("The addon of plugwright for {platform}"),
        "license": main["license"],
        "author": main["author"],
        "repository": main["repository"],
        "engines": main["engines"],
        "os": [os],
        "cpu": [cpu],
        "main": file,
        "files": [file],
    });
    match parts.next() {
        Some("gnu") => description["libc"] = json!(["glibc"]),
        Some("musl") => description["libc"] = json!(["musl"]),
        _ => {}
    }
    Ok(description)
}

/// Drops from an addon what only debuggers need, which is most of it, by the program that comes with the compiler.
fn strip(addon: &Path) -> Result<()> {
    if cfg!(windows) {
        // There it is a file of its own.
        return Ok(());
    }
    let root = PathBuf::from(process::output(Command::new("rustc").args(["--print", "sysroot"]))?);
    let libraries = process::output(Command::new("rustc").args(["--print", "target-libdir"]))?;
    let program = Path::new(&libraries).with_file_name("bin").join("rust-objcopy");
    // It needs the compiler's own LLVM, which it does not find by itself.
    let variable = if cfg!(target_os = "macos") { "DYLD_FALLBACK_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };
    process::run(Command::new(program).env(variable, root.join("lib")).arg("--strip-unneeded").arg(addon))
}

fn pack(package: &Path, output: &Path) -> Result<PathBuf> {
    let mut npm = Command::new("npm");
    npm.args(["pack", "--json", "--loglevel=error", "--pack-destination"]).arg(output);
    let said: Value = serde_json::from_str(&process::output(npm.current_dir(package))?)?;
    let file = said[0]["filename"].as_str().context("npm pack does not say what it made")?;
    Ok(output.join(file))
}

/// The folder of packages to be published.
pub(super) fn folder() -> PathBuf {
    repository::target().join("node-packages")
}

#[cfg(test)]
mod tests {
    use super::platform_of;

    #[test]
    fn targets_have_the_names_of_platforms() {
        assert_eq!(platform_of("x86_64-unknown-linux-gnu"), "linux-x64-gnu");
        assert_eq!(platform_of("aarch64-unknown-linux-musl"), "linux-arm64-musl");
        assert_eq!(platform_of("aarch64-apple-darwin"), "darwin-arm64");
        assert_eq!(platform_of("x86_64-pc-windows-msvc"), "win32-x64-msvc");
    }
}
