//! A good route beside a hostile one: how long its requests take, alone and then.

use anyhow::{Result, ensure};

use crate::bench::batches::median;
use crate::bench::http::server::Servers;
use crate::bench::http::{Path, Plan, SMALL};
use crate::bench::wrk;
use crate::toolchain::Wrk;

/// What is done to the others.
const ATTACKS: [&str; 4] = ["/loop", "/bomb", "/trap", "/flood"];

/// Connections of the good route, and of the hostile one.
const GOOD: u32 = 16;
const HOSTILE: u32 = 8;

/// How many times longer 99 of 100 good requests may take beside hostile ones.
pub(super) const GOAL: f64 = 3.0;

/// What an attack did.
pub(super) struct Beside {
    pub(super) attack: &'static str,
    /// In microseconds.
    pub(super) alone: f64,
    pub(super) beside: f64,
    /// The median of the rounds' ratios.
    pub(super) ratio: f64,
}

/// Measures each attack.
///
/// # Errors
/// When wrk fails, a good request does, or a hostile one succeeds.
pub(super) fn measure(load: &Wrk, servers: &Servers, plan: &Plan) -> Result<Vec<Beside>> {
    ATTACKS.into_iter().map(|attack| one(load, servers, plan, attack)).collect()
}

fn one(load: &Wrk, servers: &Servers, plan: &Plan, attack: &'static str) -> Result<Beside> {
    let p99 = || -> Result<f64> {
        let good = servers.url(Path::Ours("/shared"));
        let loaded = wrk::post(load, &good, SMALL, GOOD, plan.seconds)?;
        loaded.rate()?;
        Ok(loaded.p99_us as f64)
    };
    p99()?;
    let mut samples = Vec::new();
    for _ in 0..plan.rounds {
        let alone = p99()?;
        // Longer than what is measured beside it.
        let hostile = wrk::begin(load, &servers.url(Path::Ours(attack)), SMALL, HOSTILE, plan.seconds + 1)?;
        let beside = p99()?;
        let attacked = hostile.end()?;
        ensure!(attacked.failures > 0, "no request to {attack} failed: {attacked:?}");
        samples.push((alone, beside));
    }
    let column = |of: fn(&(f64, f64)) -> f64| median(samples.iter().map(of).collect());
    Ok(Beside {
        attack,
        alone: column(|(alone, _)| *alone),
        beside: column(|(_, beside)| *beside),
        ratio: column(|(alone, beside)| beside / alone),
    })
}
