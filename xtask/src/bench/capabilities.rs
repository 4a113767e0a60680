//! Key-value stores: through a plug-in, and by the client library directly.

use anyhow::Result;

use crate::{brokers, guests, process, repository};

/// Builds what is measured, measures, and prints the table.
///
/// # Errors
/// When something cannot be built, or a store fails.
pub(super) fn run() -> Result<()> {
    guests::build()?;
    brokers::set_up()?;
    let mut cargo = repository::cargo();
    // With the features of the whole workspace, so that nothing is built twice.
    cargo.args(["build", "--release", "--workspace", "--example", "measure_kv"]);
    process::run(&mut cargo)?;
    let program = repository::target().join("release").join("examples").join("measure_kv");
    let mut measure = repository::command(program);
    measure.arg(repository::guests().join("build").join("rust_pdk_store.wasm"));
    process::run(measure.env(brokers::VARIABLE, brokers::folder()?))
}
