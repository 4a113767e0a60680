//! Plug-ins in AssemblyScript, by the compiler among the project's packages.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::detect;
use super::error::BuildError;
use super::project::{self, Built, Project};
use super::tool::Tool;

const NODE: Tool = Tool {
    program: "node",
    purpose: "AssemblyScript's compiler runs on it",
    remedy: "install Node 20 or later from https://nodejs.org",
};

/// The compiler's options, in the project.
const OPTIONS: &str = "asconfig.json";

/// The compiler, in a folder of packages.
const COMPILER: &str = "node_modules/assemblyscript/bin/asc.js";

/// Where a plug-in begins by custom.
const ENTRY: &str = "assembly/index.ts";

pub(super) fn build(project: &Project) -> Result<Built, BuildError> {
    let scratch = project::scratch()?;
    let wasm = scratch.path().join("plugin.wasm");
    let mut asc = Command::new(NODE.find()?);
    asc.arg(compiler(project)?);
    match fs::read_to_string(project.folder.join(OPTIONS)) {
        Ok(options) => {
            asc.args(["--target", if project.debug { "debug" } else { "release" }]);
            if !project.config.sources.is_empty() || !names_entries(&options) {
                asc.args(entries(project)?);
            }
        }
        Err(_) => {
            asc.args(entries(project)?).arg(if project.debug { "--debug" } else { "-Osize" });
        }
    }
    asc.arg("--outFile").arg(&wasm).args(&project.config.flags);
    project.run(&mut asc)?.check()?;
    project::read(&wasm)
}

/// The compiler of the project, or of a folder around it that has the packages of several.
fn compiler(project: &Project) -> Result<PathBuf, BuildError> {
    let mut places = project.folder.ancestors().map(|folder| folder.join(COMPILER));
    places.find(|file| file.is_file()).ok_or_else(|| BuildError::MissingPart {
        what: "AssemblyScript's compiler".to_owned(),
        purpose: "it is one of the packages of the project itself",
        remedy: format!(
            "run `npm install` in `{}` (`npm install --save-dev assemblyscript` if package.json does not name it)",
            project.folder.display()
        ),
    })
}

fn names_entries(options: &str) -> bool {
    let options: Value = serde_json::from_str(options).unwrap_or_default();
    options["entries"].as_array().is_some_and(|entries| !entries.is_empty())
}

fn entries(project: &Project) -> Result<Vec<PathBuf>, BuildError> {
    if !project.config.sources.is_empty() {
        return Ok(project.config.sources.clone());
    }
    if project.folder.join(ENTRY).is_file() {
        return Ok(vec![ENTRY.into()]);
    }
    let found = detect::sources(&project.folder, &["ts"])?;
    if found.len() == 1 {
        return Ok(found);
    }
    Err(BuildError::NoPlugin(format!(
        "`{}` has no {ENTRY}; say which file is the plug-in's first by `sources = [\"FILE\"]` under `[build]` in `{}`",
        project.folder.display(),
        project.config_file().display()
    )))
}
