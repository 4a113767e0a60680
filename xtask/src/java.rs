//! The public Java SDK as a client of the C library, and the client for benchmarks.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::prefix::Prefix;
use crate::toolchain::Java;
use crate::{bench_client, process, repository};

/// The tests, and what they are built into below the target folder.
const TESTS: [&str; 2] = ["conformance/java", "java"];

/// The client for benchmarks, likewise.
const CLIENT: [&str; 2] = ["benches/clients/java", "java-client"];

/// Runs the tests with the development build of the library.
///
/// # Errors
/// When Java cannot be installed, the library cannot be built, or a test fails.
pub(crate) fn check() -> Result<()> {
    let java = Java::set_up(&Cache::open()?)?;
    let prefix = Prefix::install()?;
    let [folder, output] = TESTS;
    println!("Maven runs the tests of {folder}");
    let mut maven = java.maven(&repository::root().join(folder), &repository::target().join(output));
    prefix.serve(&mut maven).arg(format!("-Dlibrary.folder={}", prefix.libraries().display())).arg("test");
    process::run(&mut maven).context("the public Java SDK with our library")?;
    let mut client = bench_client(&java).context("the client for benchmarks")?;
    bench_client::try_out(&mut client, &prefix)
}

/// Builds the client for benchmarks. The command wants the arguments that `benches/clients` explains.
///
/// # Errors
/// When it cannot be built.
pub(crate) fn bench_client(java: &Java) -> Result<Command> {
    let [folder, output] = CLIENT;
    let output = repository::target().join(output);
    process::run(java.maven(&repository::root().join(folder), &output).arg("process-classes"))?;
    let mut client = java.java();
    client.arg("-classpath").arg(class_path(&output)?).arg("Client").env_remove("RUST_BACKTRACE");
    Ok(client)
}

/// Where the client's classes are, and those that it uses.
fn class_path(output: &Path) -> Result<OsString> {
    let libraries = output.join("dependency").join("*");
    Ok(env::join_paths([output.join("classes"), libraries])?)
}
