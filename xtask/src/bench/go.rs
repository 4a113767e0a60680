//! Our SDK for Go and the public one, in one process and in turns: `benches/clients/go`.

use anyhow::Result;

use crate::bench::page;
use crate::cache::Cache;
use crate::go_sdk::native;
use crate::toolchain::Go;
use crate::{guests, process, repository};

/// Builds the guests and the program, measures, and writes the page unless this is a quick run.
///
/// # Errors
/// When something cannot be built, or computes a wrong result while it is measured.
pub(super) fn run(quick: bool) -> Result<()> {
    guests::build()?;
    let go = Go::set_up(&Cache::open()?)?;
    let module = repository::root().join("benches").join("clients").join("go");
    let program = repository::target().join("bench-go");
    process::run(native(&go, &module).arg("build").arg("-o").arg(&program))?;
    let mut measure = repository::command(&program);
    measure.arg(if quick { "-quick" } else { "-section" }).arg(repository::guests());
    if quick {
        return process::run(&mut measure);
    }
    let section = process::output(&mut measure)?;
    println!("{section}");
    page::write("bench --go", &section)
}
