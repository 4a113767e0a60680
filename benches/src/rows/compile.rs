//! Compiling, and finding compiled code.

use std::fs;
use std::time::Instant;

use anyhow::Result;
use tempfile::TempDir;

use crate::bare;
use crate::guest::Guest;
use crate::host::Host;
use crate::ours::Ours;
use crate::peer::Peer;
use crate::row::{Goal, Row, Unit};
use crate::sampler::{Entrant, Field, Plan};

/// The large guest, from the cache and from nothing.
pub(crate) fn compile(plan: &Plan) -> Result<Vec<Row>> {
    let guest = Guest::large()?;
    let size = Unit::Bytes.show(guest.wasm.len() as f64);
    let [cached] = Field {
        bare: bare_cached(plan, &guest)?,
        peer: cached::<Peer>(plan, &guest)?,
        ours: cached::<Ours>(plan, &guest)?,
    }
    .race(plan)?;
    let cold_guest = guest.clone();
    let [cold] = Field {
        bare: Entrant::samples(move || Ok([bare::time_to_compile(&cold_guest)?.as_nanos() as f64])),
        peer: cold::<Peer>(&guest),
        ours: cold::<Ours>(&guest),
    }
    .race(&plan.rounds(if plan.quick { 1 } else { 5 }))?;
    Ok(vec![
        Row::new("compile-cached", format!("Compile, cached (guest of {size})"), Unit::Nanoseconds, cached)
            .goal(Goal::AtMost(5e6))
            .note("bare: maps a file of compiled code, asks nothing; extism: with a cache configured"),
        Row::new("compile-cold", "Compile, not cached (for information)", Unit::Nanoseconds, cold),
    ])
}

fn cold<H: Host>(guest: &Guest) -> Entrant {
    let guest = guest.clone();
    Entrant::samples(move || {
        let start = Instant::now();
        let compiled = H::compile(&guest)?;
        let elapsed = start.elapsed();
        drop(compiled);
        Ok([elapsed.as_nanos() as f64])
    })
}

fn cached<H: Host>(plan: &Plan, guest: &Guest) -> Result<Entrant> {
    let guest = guest.clone();
    let folder = TempDir::new()?;
    H::compile_cached(&guest, folder.path())?;
    Entrant::timed(plan, 1, move |times| {
        let start = Instant::now();
        for _ in 0..times {
            H::compile_cached(&guest, folder.path())?;
        }
        Ok([start.elapsed()])
    })
}

fn bare_cached(plan: &Plan, guest: &Guest) -> Result<Entrant> {
    let folder = TempDir::new()?;
    let file = folder.path().join("compiled");
    fs::write(&file, bare::compile(guest)?.serialize()?)?;
    Entrant::timed(plan, 1, move |times| {
        // The folder lives as long as this.
        let file = folder.path().join("compiled");
        let start = Instant::now();
        for _ in 0..times {
            bare::load(&file)?;
        }
        Ok([start.elapsed()])
    })
}
