//! Runs the side-by-side benchmarks in `benches`, a workspace of its own.

mod batches;
mod capabilities;
mod clients;
mod go;
mod http;
mod js;
mod lines;
mod nats;
mod node;
mod page;
mod worker;
mod wrk;

pub(crate) use node::SOURCES as NODE_SOURCES;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use crate::cache::Cache;
use crate::toolchain::{PLAIN, Rust};
use crate::{guests, process, repository};

/// What to measure, and where to write it.
#[derive(Args)]
pub(crate) struct Options {
    /// Take few samples: about a minute; docs/performance.md is left alone
    #[arg(long)]
    quick: bool,
    /// Write all figures to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Only measure this row and those beside it, or the groups whose name contains this; docs/performance.md is left alone
    #[arg(long, value_name = "ROW")]
    only: Option<String>,
    /// Measure the C library instead, by clients in several languages, on the public library and on ours; with --quick,
    /// docs/performance.md is left alone
    #[arg(long, conflicts_with_all = ["json", "only"])]
    clients: bool,
    /// Measure the Node.js SDK instead, beside two versions of the public package; with --quick, docs/performance.md is left alone
    #[arg(long, conflicts_with_all = ["json", "only", "clients"])]
    node: bool,
    /// Measure the SDK for Go instead, beside the public one; with --quick, docs/performance.md is left alone
    #[arg(long, conflicts_with_all = ["json", "only", "clients", "node"])]
    go: bool,
    /// Measure `plugwright serve` instead, beside hyper with the bare engine and Fastify with the public JS SDK; with --quick,
    /// docs/performance.md is left alone
    #[arg(long, conflicts_with_all = ["json", "only", "clients", "node", "go"])]
    http: bool,
    /// Measure plug-ins in JavaScript instead, beside native QuickJS and a plug-in in Rust; with --quick, docs/performance.md is
    /// left alone
    #[arg(long, conflicts_with_all = ["json", "only", "clients", "node", "go", "http", "nats", "capabilities"])]
    js: bool,
    /// Measure one to four workers on NATS instead, and print what they do; docs/performance.md is left alone
    #[arg(long, conflicts_with_all = ["json", "only", "clients", "node", "go", "http", "capabilities"])]
    nats: bool,
    /// Measure key-value stores instead, through a plug-in and by the client library directly; with --quick, docs/performance.md is
    /// left alone
    #[arg(long, conflicts_with_all = ["json", "only", "clients", "node", "go", "http"])]
    capabilities: bool,
}

/// Builds what is measured, then measures.
///
/// # Errors
/// When something cannot be built, or computes a wrong result while it is measured.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.clients {
        return clients::run(options.quick);
    }
    if options.node {
        return node::run(options.quick);
    }
    if options.go {
        return go::run(options.quick);
    }
    if options.http {
        return http::run(options.quick);
    }
    if options.js {
        return js::run(options.quick);
    }
    if options.nats {
        return nats::run(options.quick);
    }
    if options.capabilities {
        return capabilities::run(options.quick);
    }
    guests::build()?;
    let target = repository::root().join("benches").join("target");
    build_large_guest(&target.join("guests"))?;

    let mut cargo = repository::cargo();
    // The other host's dependencies declare a newer Rust than ours, and build with ours.
    cargo.args(["run", "--release", "--ignore-rust-version", "--manifest-path", "benches/Cargo.toml"]);
    cargo.arg("--target-dir").arg(&target).args(["--", "run"]);
    // What cargo tells this program about its own package would make cargo build again what a plain build there has built.
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&*name);
        }
    }
    // It makes a host capture a backtrace with each error, and some hosts make errors all the time. Most users do not set it.
    cargo.env_remove("RUST_BACKTRACE");
    if options.quick {
        cargo.arg("--quick");
    }
    if let Some(file) = &options.json {
        // Relative to where the command was given, not to the checkout.
        cargo.arg("--json").arg(std::path::absolute(file)?);
    }
    if let Some(row) = &options.only {
        cargo.arg("--only").arg(row);
    }
    process::run(&mut cargo)
}

/// Builds a plug-in as large as many in the field are: as Cargo does it by default, with symbols and debug information of the
/// standard library, and nothing optimised for size.
fn build_large_guest(folder: &Path) -> Result<()> {
    let rust = Rust::set_up(&Cache::open()?)?;
    let mut cargo = rust.cargo();
    cargo.args(["build", "--quiet", "--release", "--locked", "--target", PLAIN, "--package", "count_vowels"]);
    cargo.current_dir(repository::guests().join("rust"));
    cargo.env("CARGO_TARGET_DIR", folder).env("CARGO_PROFILE_RELEASE_STRIP", "none");
    cargo.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3");
    cargo.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    process::run(&mut cargo).context("cannot build the large guest")?;
    let built = folder.join(PLAIN).join("release").join("count_vowels.wasm");
    fs::copy(&built, folder.join("large.wasm"))
        .with_context(|| format!("cannot copy {}", built.display()))?;
    Ok(())
}
