//! Guests in JavaScript and TypeScript: one file each, built by the command itself.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::cache::Cache;
use crate::guests::{Builder, copy};
use crate::toolchain::Npm;
use crate::{built, process, repository};

/// Each guest: its name, and its first file.
const GUESTS: [(&str, &str); 7] = [
    ("classic", "classic/plugin.js"),
    ("database", "database.ts"),
    ("kitchen", "kitchen.ts"),
    ("kv", "kv.ts"),
    ("large", "large/plugin.ts"),
    ("messages", "messages.ts"),
    ("store", "store.ts"),
];

/// The packages that guests import.
const IMPORTED: [&str; 1] = ["fastest-levenshtein"];

/// The command, and what the guests import.
pub(super) struct Js(Npm);

impl Js {
    pub(super) fn set_up(cache: &Cache) -> Result<Self> {
        packages(cache).map(Self)
    }
}

/// The packages of the guests, the compiler of TypeScript among them.
pub(crate) fn packages(cache: &Cache) -> Result<Npm> {
    Npm::set_up(cache, "js-guests", &repository::guests().join("js"))
}

impl Builder for Js {
    fn version(&self) -> &str {
        self.0.version()
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        built::build()?;
        let project = tempfile::tempdir()?;
        copy::folder(sources, project.path())?;
        for package in IMPORTED {
            let to = project.path().join("node_modules").join(package);
            copy::folder(&self.0.modules().join(package), &to)?;
        }
        for (name, file) in GUESTS {
            let mut build = Command::new(built::folder().join("plugwright"));
            build.args(["build", "--quiet", file, "--output"]).arg(output.join(format!("js_{name}.wasm")));
            process::run(build.current_dir(project.path()))?;
        }
        fs::remove_dir_all(project.path().join("node_modules"))?;
        Ok(())
    }
}
