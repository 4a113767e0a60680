//! Key-value stores: through a plug-in, and by the client library directly.

use anyhow::Result;

use crate::bench::page;
use crate::{brokers, guests, process, repository};

/// Builds what is measured, measures, prints the table, and writes it into the page unless this is a quick run.
///
/// # Errors
/// When something cannot be built, or a store fails.
pub(super) fn run(quick: bool) -> Result<()> {
    guests::build()?;
    brokers::set_up()?;
    let mut cargo = repository::cargo();
    // With the features of the whole workspace, so that nothing is built twice.
    cargo.args(["build", "--release", "--workspace", "--example", "measure_kv"]);
    process::run(&mut cargo)?;
    let program = repository::target().join("release").join("examples").join("measure_kv");
    // On one processor: whether a server runs on the client's own changes a request by ten times what a plug-in adds.
    let mut measure = repository::command("taskset");
    measure
        .args(["--cpu-list", "0"])
        .arg(program)
        .arg(repository::guests().join("build").join("rust_pdk_store.wasm"));
    let table = process::output(measure.env(brokers::VARIABLE, brokers::folder()?))?;
    println!("{table}");
    if !quick {
        page::write("bench --capabilities", &section(&table)?)?;
    }
    Ok(())
}

fn section(table: &str) -> Result<String> {
    let commit = page::commit()?;
    Ok(format!(
        "## Key-value stores\n\n\
         A plug-in in Rust sets and gets one key again and again, by the capability `kv`; beside it, the client library does the same from Rust, \
         without a plug-in. The best of a hundred short rounds, by turns. All run on one processor, Redis too, which is asked for one thing at a time, \
         directly by the library's connection that blocks. Each set of \
         redb is a transaction that is flushed: how long a disk takes for that changes more than a plug-in adds, which is to be seen where the \
         file is in memory.\n\n\
         Plugwright {commit}.\n\n{table}"
    ))
}
