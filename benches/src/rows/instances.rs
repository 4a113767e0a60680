//! Making an instance of compiled code, calling it once, dropping it.

use std::time::Duration;

use anyhow::{Result, ensure};
use wasmtime::Engine;

use crate::bare;
use crate::guest::{COUNT_VOWELS, Guest};
use crate::host::Host;
use crate::ours::Ours;
use crate::peer::Peer;
use crate::row::{Goal, Row, Unit};
use crate::sampler::{Entrant, Field, Plan, Race, clock};

/// A Rust guest, small as most are.
pub(crate) fn rust(plan: &Plan) -> Result<Vec<Row>> {
    let guest = Guest::built("rust_count_vowels")?;
    let title = format!(
        "Instance from compiled, first call, drop: Rust guest of {}",
        Unit::Bytes.show(guest.wasm.len() as f64)
    );
    let row = Row::new("instance-rust", title, Unit::Nanoseconds, race(plan, bare::engine(), &guest)?);
    let pooling = race(plan, &bare::pooling_engine()?, &guest)?;
    let title = "The same, bare with the engine's pooling allocator (for information)";
    Ok(vec![
        row.goal(Goal::TimesBare(2.0)).goal(Goal::TimesBetter(15.0)),
        Row::new("instance-rust-pooling", title, Unit::Nanoseconds, pooling),
    ])
}

/// A guest of standard Go, whose start-up is work.
pub(crate) fn go(plan: &Plan) -> Result<Vec<Row>> {
    let guest = Guest::built("go_count_vowels")?.with_wasi();
    let title = "The same, standard-Go guest (WASI, `_initialize`)";
    let row = Row::new("instance-go", title, Unit::Nanoseconds, race(plan, bare::engine(), &guest)?);
    Ok(vec![row.goal(Goal::TimesBare(1.1))])
}

fn race(plan: &Plan, engine: &Engine, guest: &Guest) -> Result<Race> {
    let [race] = Field {
        bare: Entrant::timed(plan, 1, bare_cycles(engine, guest)?)?,
        peer: Entrant::timed(plan, 1, cycles::<Peer>(guest)?)?,
        ours: Entrant::timed(plan, 1, cycles::<Ours>(guest)?)?,
    }
    .race(plan)?;
    Ok(race)
}

fn cycles<H: Host>(guest: &Guest) -> Result<impl FnMut(u64) -> Result<[Duration; 1]> + use<H>> {
    let compiled = H::compile(guest)?;
    let (function, input, _) = COUNT_VOWELS;
    Ok(move |times| clock(times, || check(H::call(&mut H::plugin(&compiled, function)?, input)?)))
}

fn bare_cycles(engine: &Engine, guest: &Guest) -> Result<impl FnMut(u64) -> Result<[Duration; 1]> + use<>> {
    let compiled = bare::Plugin::compile(engine, guest)?;
    let (function, input, _) = COUNT_VOWELS;
    Ok(move |times| clock(times, || check(bare::Plugin::new(&compiled, function)?.call(input)?)))
}

/// Whether this is what a first call of `count_vowels` answers.
pub(crate) fn check(output: &[u8]) -> Result<()> {
    let (_, _, expected) = COUNT_VOWELS;
    ensure!(output == expected, "`count_vowels` gave {:?}", String::from_utf8_lossy(output));
    Ok(())
}
