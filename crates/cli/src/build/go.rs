//! Plug-ins in Go, by Go itself or TinyGo.

use std::process::Command;

use super::config::Compiler;
use super::error::BuildError;
use super::project::{self, Built, Project};
use super::tool::Tool;

const GO: Tool = Tool {
    program: "go",
    purpose: "plug-ins in Go are compiled with it",
    remedy: "install Go 1.24 or later from https://go.dev/dl",
};

const TINYGO: Tool = Tool {
    program: "tinygo",
    purpose: "`compiler = \"tinygo\"` in plugwright.toml asks for it",
    remedy: "install it as https://tinygo.org/getting-started/install says",
};

/// How Go before 1.24 refuses to make a plug-in.
const TOO_OLD: &str = "-buildmode=c-shared not supported on wasip1/wasm";

pub(super) fn build(project: &Project) -> Result<Built, BuildError> {
    let scratch = project::scratch()?;
    let wasm = scratch.path().join("plugin.wasm");
    let mut go = match project.config.compiler {
        Some(Compiler::TinyGo) => tinygo(project)?,
        _ => standard(project)?,
    };
    go.arg("-o").arg(&wasm).args(&project.config.flags);
    if project.config.sources.is_empty() {
        go.arg(".");
    }
    let ended = project.run(go.args(&project.config.sources))?;
    if !ended.succeeded() && ended.stderr.contains(TOO_OLD) {
        return Err(BuildError::MissingPart {
            what: "Go 1.24 or later".to_owned(),
            purpose: "older ones make no plug-ins",
            remedy: GO.remedy.to_owned(),
        });
    }
    ended.check()?;
    project::read(&wasm)
}

fn standard(project: &Project) -> Result<Command, BuildError> {
    let mut go = Command::new(GO.find()?);
    go.env("GOOS", "wasip1").env("GOARCH", "wasm").args(["build", "-buildmode=c-shared"]);
    if !project.debug {
        go.args(["-trimpath", "-ldflags=-s -w"]);
    }
    Ok(go)
}

fn tinygo(project: &Project) -> Result<Command, BuildError> {
    let mut go = Command::new(TINYGO.find()?);
    go.args(["build", "-target=wasip1", "-buildmode=c-shared"]);
    if !project.debug {
        go.args(["-opt=z", "-no-debug"]);
    }
    Ok(go)
}
