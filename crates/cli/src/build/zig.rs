//! Plug-ins in Zig.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::detect;
use super::error::BuildError;
use super::project::{self, Built, Project};
use super::tool::Tool;

const ZIG: Tool = Tool {
    program: "zig",
    purpose: "plug-ins in Zig are compiled with it",
    remedy: "install Zig 0.17 from https://ziglang.org/download",
};

/// Without WASI.
const PLAIN: &str = "wasm32-freestanding";

/// Files that are a program's first one by custom.
const ROOTS: [&str; 3] = ["main.zig", "src/main.zig", "plugin.zig"];

pub(super) fn build(project: &Project) -> Result<Built, BuildError> {
    if project.folder.join("build.zig").is_file() && project.config.sources.is_empty() {
        by_build_file(project)
    } else {
        by_sources(project)
    }
}

/// Lets the project's build file do it, and looks for what it installed.
fn by_build_file(project: &Project) -> Result<Built, BuildError> {
    if project.config.target.is_some() {
        return Err(BuildError::Config {
            file: project.config_file(),
            reason: "`target` means nothing beside a build.zig, which says that itself; leave it out"
                .to_owned(),
        });
    }
    let scratch = project::scratch()?;
    let mut zig = Command::new(ZIG.find()?);
    zig.arg("build");
    if !project.debug {
        zig.arg("--release=small");
    }
    zig.arg("--prefix").arg(scratch.path()).args(&project.config.flags);
    project.run(&mut zig)?.check()?;
    match &project.config.artifact {
        Some(artifact) => project::read(&scratch.path().join(artifact)),
        None => project::read(&only_plugin(scratch.path(), project)?),
    }
}

/// The one plug-in that was installed.
fn only_plugin(prefix: &Path, project: &Project) -> Result<PathBuf, BuildError> {
    let mut found = Vec::new();
    for below in ["bin", "lib"] {
        // A folder that is not there has no plug-in.
        let Ok(entries) = fs::read_dir(prefix.join(below)) else { continue };
        let files = entries.flatten().map(|entry| Path::new(below).join(entry.file_name()));
        found.extend(files.filter(|file| file.extension().is_some_and(|extension| extension == "wasm")));
    }
    found.sort();
    match &*found {
        [one] => Ok(prefix.join(one)),
        [] => Err(BuildError::NoPlugin(format!(
            "build.zig in `{}` installs no plug-in; call `b.installArtifact` with an executable for wasm32",
            project.folder.display()
        ))),
        several => Err(BuildError::NoPlugin(format!(
            "build.zig in `{}` installs several plug-ins: {}; choose one by `artifact = \"{}\"` under `[build]` in `{}`",
            project.folder.display(),
            several.iter().map(|file| format!("`{}`", file.display())).collect::<Vec<_>>().join(", "),
            several[0].display(),
            project.config_file().display()
        ))),
    }
}

fn by_sources(project: &Project) -> Result<Built, BuildError> {
    let scratch = project::scratch()?;
    let wasm = scratch.path().join("plugin.wasm");
    let target = project.config.target.as_deref().unwrap_or(PLAIN);
    let mut zig = Command::new(ZIG.find()?);
    zig.arg("build-exe").args(roots(project)?).args(["-target", target, "-rdynamic", "-fno-entry"]);
    if !project.debug {
        zig.args(["-O", "ReleaseSmall", "-fstrip"]);
    }
    let mut emit = std::ffi::OsString::from("-femit-bin=");
    emit.push(&wasm);
    project.run(zig.arg(emit).args(&project.config.flags))?.check()?;
    project::read(&wasm)
}

fn roots(project: &Project) -> Result<Vec<PathBuf>, BuildError> {
    if !project.config.sources.is_empty() {
        return Ok(project.config.sources.clone());
    }
    let found = detect::sources(&project.folder, &["zig"])?;
    if found.len() == 1 {
        return Ok(found);
    }
    let root = ROOTS.iter().map(PathBuf::from).find(|root| found.contains(root));
    root.map(|root| vec![root]).ok_or_else(|| {
        BuildError::NoPlugin(format!(
            "`{}` has {} files in Zig; say which one is the plug-in's first by `sources = [\"FILE\"]` under `[build]` in `{}`",
            project.folder.display(),
            found.len(),
            project.config_file().display()
        ))
    })
}
