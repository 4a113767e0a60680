//! Guests in Rust: one package each.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::guests::Builder;
use crate::toolchain::{PLAIN, Rust, WASI};
use crate::{process, repository};

impl Builder for Rust {
    fn version(&self) -> &str {
        self.version()
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        let (wasi, plain): (Vec<_>, Vec<_>) =
            packages(sources)?.into_iter().partition(|package| package.starts_with("wasi_"));
        for (target, packages) in [(PLAIN, plain), (WASI, wasi)] {
            let folder = repository::target().join("guests");
            let mut cargo = self.cargo();
            cargo.args(["build", "--quiet", "--release", "--locked", "--target", target]);
            cargo.args(packages.iter().flat_map(|package| ["--package", package]));
            process::run(cargo.current_dir(sources).env("CARGO_TARGET_DIR", &folder))?;
            for package in packages {
                let built = folder.join(target).join("release").join(format!("{package}.wasm"));
                fs::copy(&built, output.join(format!("rust_{package}.wasm")))
                    .with_context(|| format!("cannot copy {}", built.display()))?;
            }
        }
        Ok(())
    }
}

/// The names of the packages: each is that of its folder.
fn packages(sources: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(sources)? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}
