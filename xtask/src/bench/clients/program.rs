//! The programs that call a plug-in, one for each language.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::bench::clients::Work;
use crate::cache::Cache;
use crate::toolchain::Python;
use crate::{process, python_clients, repository};

/// A client: what it is called, and how it is started.
pub(super) struct Program {
    pub(super) name: &'static str,
    arguments: Vec<PathBuf>,
    environment: Vec<(&'static str, String)>,
}

impl Program {
    /// Every client, built.
    pub(super) fn all(python: &Python) -> Result<Vec<Self>> {
        let target = repository::target().join("clients");
        std::fs::create_dir_all(&target)?;
        Ok(vec![c(&target)?, extism_for_python(python)?, extism_for_java(&target.join("java"))?])
    }

    /// The client, told to use this library for this work, so many calls in each round.
    pub(super) fn command(&self, library: &Path, work: &Work, calls: u64) -> Command {
        let mut command = Command::new(&self.arguments[0]);
        command.args(&self.arguments[1..]).envs(self.environment.iter().cloned());
        command.arg(library).arg(repository::root().join(work.guest)).arg(work.function);
        command.arg(work.input_bytes.to_string()).arg(calls.to_string());
        // It makes libraries in Rust capture a backtrace with each error. Most users do not set it.
        command.env_remove("RUST_BACKTRACE");
        command
    }
}

fn sources() -> PathBuf {
    repository::root().join("benches").join("clients")
}

fn c(target: &Path) -> Result<Program> {
    let program = target.join("c").with_extension(env::consts::EXE_EXTENSION);
    let mut compiler = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()));
    compiler.args(["-std=c99", "-D_POSIX_C_SOURCE=200809L", "-O2", "-Wall", "-Wextra", "-Werror"]);
    compiler.arg(sources().join("c").join("client.c")).arg("-o").arg(&program).arg("-ldl");
    process::run(&mut compiler).context("cannot build the client in C")?;
    Ok(Program { name: "C", arguments: vec![program], environment: Vec::new() })
}

fn extism_for_python(python: &Python) -> Result<Program> {
    let path = env::join_paths([python.packages(), &python_clients::sources()])?;
    Ok(Program {
        name: "Python, package `extism`",
        arguments: vec!["python3".into(), sources().join("python").join("extism_client.py")],
        environment: vec![
            ("PYTHONPATH", path.into_string().ok().context("the checkout's path is not Unicode")?),
            ("PYTHONDONTWRITEBYTECODE", "1".into()),
        ],
    })
}

fn extism_for_java(target: &Path) -> Result<Program> {
    let sources = sources().join("java");
    let mut maven = Command::new("mvn");
    maven.args(["--batch-mode", "--quiet", "process-classes"]).current_dir(&sources);
    maven.arg(format!("-Dbuild.folder={}", target.display()));
    maven.arg(format!("-Dmaven.repo.local={}", Cache::open()?.scratch("maven-repository").display()));
    process::run(&mut maven).context("cannot build the client in Java, which needs JDK 17 and Maven")?;
    let path = env::join_paths([target.join("classes"), target.join("dependency").join("*")])?;
    Ok(Program {
        name: "Java, artifact `extism`",
        arguments: vec!["java".into(), "-cp".into(), path.into(), "Client".into()],
        environment: Vec::new(),
    })
}
