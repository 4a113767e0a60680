//! This checkout's own programs and libraries, as its tests build them.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{process, repository};

/// How a README starts an example of the Rust SDK.
const RUN_EXAMPLE: &str = "cargo run -q -p plugwright --example ";

/// Builds them.
///
/// All packages are built together, with their examples, as by `cargo test --workspace`: a package alone would choose fewer features of
/// what it depends on, and the engine would be compiled once more for them.
///
/// # Errors
/// When that fails.
pub(crate) fn build() -> Result<()> {
    process::run(repository::cargo().args([
        "build",
        "--quiet",
        "--workspace",
        "--lib",
        "--bin",
        "plugwright",
        // For the tests of SDKs in other languages.
        "--bin",
        "test-server",
        "--examples",
    ]))
}

/// Builds these packages as users get them, and returns the folder of what was built.
///
/// # Errors
/// When that fails.
pub(crate) fn build_release(packages: &[&str]) -> Result<PathBuf> {
    let mut cargo = repository::cargo();
    cargo.args(["build", "--release"]).args(packages.iter().flat_map(|package| ["--package", package]));
    process::run(&mut cargo)?;
    Ok(repository::target().join("release"))
}

/// The folder of the command, and of the libraries.
pub(crate) fn folder() -> PathBuf {
    repository::target().join("debug")
}

/// A README's command, with the example that it runs as it was built, for the reason above.
pub(crate) fn without_cargo(command: &str) -> String {
    example_in(&folder(), command).unwrap_or_else(|| command.to_owned())
}

fn example_in(folder: &Path, command: &str) -> Option<String> {
    let (name, arguments) = command.strip_prefix(RUN_EXAMPLE)?.split_once(" -- ")?;
    Some(format!("'{}' {arguments}", folder.join("examples").join(name).display()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::example_in;

    #[test]
    fn examples_are_run_as_they_were_built() {
        let run = |command: &str| example_in(Path::new("built"), command);
        assert_eq!(
            run("cargo run -q -p plugwright --example hello -- a.wasm \"b c\"").as_deref(),
            Some("'built/examples/hello' a.wasm \"b c\"")
        );
        assert_eq!(run("plugwright call a.wasm hello"), None);
        assert_eq!(run("cargo run -q -p other --example hello -- a"), None);
    }
}
