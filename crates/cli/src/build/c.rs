//! Plug-ins in C and C++, by Zig or clang.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use super::config::Compiler;
use super::detect;
use super::error::BuildError;
use super::project::{self, Built, Project};
use super::tool::{self, Tool};

const EITHER: Tool = Tool {
    program: "zig",
    purpose: "plug-ins in C are compiled with Zig or clang, and there is no clang with the target wasm32 either",
    remedy: "install Zig from https://ziglang.org/download, or clang and lld with your system's packages",
};

const ZIG: Tool = Tool {
    program: "zig",
    purpose: "`compiler = \"zig\"` in plugwright.toml asks for it",
    remedy: "install it from https://ziglang.org/download",
};

const CLANG: Tool = Tool {
    program: "clang",
    purpose: "`compiler = \"clang\"` in plugwright.toml asks for it, with the target wasm32",
    remedy: "install clang and lld with your system's packages",
};

/// What clang is called where several versions are installed.
const CLANGS: [&str; 9] =
    ["clang", "clang-22", "clang-21", "clang-20", "clang-19", "clang-18", "clang-17", "clang-16", "clang-15"];

/// Without a C library.
const PLAIN: &str = "wasm32-freestanding";
/// With one, which needs WASI.
const WASI: &str = "wasm32-wasi";

pub(super) fn build(project: &Project) -> Result<Built, BuildError> {
    let sources = sources(project)?;
    let is_cpp = sources.iter().any(|file| file.extension() != Some(OsStr::new("c")));
    let is_wasi = is_wasi(project)?;

    let mut compiler = compiler(project, is_cpp, is_wasi)?;
    if is_wasi {
        compiler.arg("-mexec-model=reactor");
    } else {
        compiler.args(["-ffreestanding", "-nostdlib", "-Wl,--no-entry"]);
    }
    if is_cpp {
        compiler.args(["-fno-exceptions", "-fno-rtti"]);
    }
    if project.debug {
        compiler.args(["-g", "-O1"]);
    } else {
        compiler.args(["-Oz", "-flto", "-Wl,--strip-all"]);
    }
    let scratch = project::scratch()?;
    let wasm = scratch.path().join("plugin.wasm");
    compiler.arg("-o").arg(&wasm).args(sources).args(&project.config.flags);
    project.run(&mut compiler)?.check()?;
    project::read(&wasm)
}

fn sources(project: &Project) -> Result<Vec<PathBuf>, BuildError> {
    if !project.config.sources.is_empty() {
        return Ok(project.config.sources.clone());
    }
    let found = detect::sources(&project.folder, &detect::C_EXTENSIONS)?;
    if found.is_empty() {
        return Err(BuildError::NoSource { folder: project.folder.clone() });
    }
    Ok(found)
}

fn is_wasi(project: &Project) -> Result<bool, BuildError> {
    match project.config.target.as_deref() {
        None | Some(PLAIN) => Ok(false),
        Some(WASI) => Ok(true),
        Some(other) => Err(BuildError::Config {
            file: project.config_file(),
            reason: format!("`target` is \"{other}\", but C is compiled for \"{PLAIN}\" or \"{WASI}\""),
        }),
    }
}

/// The compiler that the project wants, else Zig, which brings its own linker and C library, else clang.
fn compiler(project: &Project, is_cpp: bool, is_wasi: bool) -> Result<Command, BuildError> {
    let target = if is_wasi { WASI } else { PLAIN };
    let zig = |zig: PathBuf| {
        let mut compiler = Command::new(zig);
        compiler.args([if is_cpp { "c++" } else { "cc" }, "-target", target]);
        Ok(compiler)
    };
    match project.config.compiler {
        Some(Compiler::Zig) => zig(ZIG.find()?),
        Some(_) => clang(project, target)?.ok_or(BuildError::MissingTool(&CLANG)),
        None => match tool::find(ZIG.program) {
            Some(found) => zig(found),
            None => clang(project, target)?.ok_or(BuildError::MissingTool(&EITHER)),
        },
    }
}

/// The first clang that knows WebAssembly: not every system's does.
fn clang(project: &Project, target: &str) -> Result<Option<Command>, BuildError> {
    for program in CLANGS.iter().filter_map(|name| tool::find(name)) {
        let targets = project.run(Command::new(&program).arg("--print-targets"))?;
        if targets.succeeded() && String::from_utf8_lossy(&targets.stdout).contains("wasm32") {
            let mut clang = Command::new(program);
            // What Zig calls freestanding has no name in clang.
            clang.arg(format!("--target={}", if target == PLAIN { "wasm32" } else { target }));
            return Ok(Some(clang));
        }
    }
    Ok(None)
}
