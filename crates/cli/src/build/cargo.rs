//! Plug-ins in Rust, by Cargo.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::detect;
use super::error::BuildError;
use super::project::{self, Built, Project};
use super::tool::Tool;

const CARGO: Tool = Tool {
    program: "cargo",
    purpose: "plug-ins in Rust are built with it",
    remedy: "install Rust as https://rustup.rs says",
};

/// A plug-in without WASI.
const PLAIN: &str = "wasm32-unknown-unknown";
/// A program, which is nothing without it.
const WASI: &str = "wasm32-wasip1";

/// What Cargo says, in JSON, about something that it made.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    target: Target,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Default, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// Something that Cargo made, and that may be the plug-in.
struct Artifact {
    name: String,
    /// A program with `main` rather than a library.
    is_program: bool,
    wasm: PathBuf,
}

pub(super) fn build(project: &Project) -> Result<Built, BuildError> {
    let default = if is_program(&project.folder) { WASI } else { PLAIN };
    let target = project.config.target.as_deref().unwrap_or(default);
    let mut cargo = Command::new(CARGO.find()?);
    cargo.args(["build", "--message-format=json-render-diagnostics", "--target", target]);
    if !project.debug {
        cargo.arg("--release");
    }
    let mut ended = project.run(cargo.args(&project.config.flags))?;
    let messages = std::mem::take(&mut ended.stdout);
    if !ended.succeeded() && lacks_target(&ended.stderr, target) {
        return Err(BuildError::MissingPart {
            what: format!("Rust's standard library for {target}"),
            purpose: "plug-ins are compiled for that target",
            remedy: format!("run `rustup target add {target}`"),
        });
    }
    ended.check()?;
    let artifact = choose(artifacts(&String::from_utf8_lossy(&messages), &project.folder), project)?;
    Ok(Built { name: Some(artifact.name), ..project::read(&artifact.wasm)? })
}

/// Whether the folder has a program with `main`, and no plug-in's library.
fn is_program(folder: &Path) -> bool {
    folder.join("src/main.rs").is_file() && !detect::makes_cdylib(folder)
}

/// Whether compiling failed because there is nothing to compile against.
fn lacks_target(stderr: &str, target: &str) -> bool {
    let no_std =
        ["`std`", "`core`"].iter().any(|name| stderr.contains(&format!("can't find crate for {name}")));
    no_std || stderr.contains(&format!("the `{target}` target may not be installed"))
}

/// What Cargo made of the packages in the folder, rather than of those that they depend on.
fn artifacts(messages: &str, folder: &Path) -> Vec<Artifact> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok())
        .filter(|message| message.reason == "compiler-artifact" && message.manifest_path.starts_with(folder))
        .filter_map(|message| {
            let is = |kind: &str| message.target.kind.iter().any(|known| known == kind);
            let (is_library, is_program) = (is("cdylib"), is("bin"));
            let wasm = message
                .filenames
                .into_iter()
                .find(|file| file.extension().is_some_and(|ext| ext == "wasm"))?;
            (is_library || is_program).then_some(Artifact { name: message.target.name, is_program, wasm })
        })
        .collect()
}

/// The one plug-in: the library, or the program where there is no library.
fn choose(mut artifacts: Vec<Artifact>, project: &Project) -> Result<Artifact, BuildError> {
    if artifacts.iter().any(|artifact| !artifact.is_program) {
        artifacts.retain(|artifact| !artifact.is_program);
    }
    let folder = project.folder.display();
    if artifacts.len() > 1 {
        let names: Vec<String> = artifacts.iter().map(|artifact| format!("`{}`", artifact.name)).collect();
        return Err(BuildError::NoPlugin(format!(
            "Cargo made several plug-ins of `{folder}`: {}; build the folder of one of them, or choose it by `flags = [\"--package\", \"NAME\"]` \
             under `[build]` in `{}`",
            names.join(", "),
            project.config_file().display()
        )));
    }
    artifacts.pop().ok_or_else(|| {
        BuildError::NoPlugin(format!(
            "Cargo made no plug-in of `{folder}`; write `crate-type = [\"cdylib\"]` under `[lib]` in its Cargo.toml"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::{artifacts, lacks_target};

    #[test]
    fn artifacts_are_those_of_the_folder() {
        let made = |manifest: &str, kind: &str, file: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"{manifest}","target":{{"name":"n","kind":["{kind}"]}},"filenames":["{file}"]}}"#
            )
        };
        let messages = [
            made("/x/Cargo.toml", "cdylib", "/t/n.wasm"),
            made("/x/Cargo.toml", "custom-build", "/t/build.wasm"),
            made("/x/Cargo.toml", "bin", "/t/m.wasm"),
            made("/x/Cargo.toml", "lib", "/t/n.rlib"),
            made("/other/Cargo.toml", "cdylib", "/t/o.wasm"),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
            "not JSON".to_owned(),
        ];
        let found = artifacts(&messages.join("\n"), "/x".as_ref());
        let found: Vec<_> =
            found.iter().map(|found| (found.is_program, found.wasm.to_str().unwrap())).collect();
        assert_eq!(found, [(false, "/t/n.wasm"), (true, "/t/m.wasm")]);
    }

    #[test]
    fn a_missing_target_is_recognised() {
        let target = "wasm32-wasip1";
        assert!(lacks_target("error[E0463]: can't find crate for `core`", target));
        assert!(lacks_target("= note: the `wasm32-wasip1` target may not be installed", target));
        assert!(!lacks_target("error[E0463]: can't find crate for `serde`", target));
    }
}
