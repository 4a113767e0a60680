//! Pools: what a second thread brings, and how evenly callers wait.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};

use crate::bare;
use crate::guest::Guest;
use crate::host::Host;
use crate::ours::Ours;
use crate::payload::{number, work};
use crate::peer::Peer;
use crate::row::{Goal, Row, Unit};
use crate::sampler::{Entrant, Field, Plan};

/// A call that computes for some 100 µs.
const ROUNDS: u64 = 50_000;

/// What two bare threads reach at least when two cores have nothing else to do.
const IDLE: f64 = 1.7;

/// A call, as often as one likes.
type Caller = Box<dyn FnMut() -> Result<()> + Send>;

/// Two threads against one, over a pool of two instances.
pub(crate) fn two_threads(plan: &Plan) -> Result<Vec<Row>> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let kinds = [("work", "calls that compute for some 100 µs", ROUNDS), ("short", "very short calls", 1)];
    kinds
        .into_iter()
        .map(|(name, what, rounds)| {
            let field = if cores < 2 {
                let alone = || Entrant::not_available("this machine has one core");
                Field { bare: alone(), peer: alone(), ours: alone() }
            } else {
                let compiled = bare::Worker::compile()?;
                let bare = move || {
                    let mut worker = bare::Worker::new(&compiled, rounds)?;
                    let call: Caller = Box::new(move || worker.call());
                    Ok(call)
                };
                let (peer, ours) = (pool::<Peer>(2, rounds)?, pool::<Ours>(2, rounds)?);
                Field {
                    bare: speed_up(plan, bare)?,
                    peer: speed_up(plan, move || Ok(peer()))?,
                    ours: speed_up(plan, move || Ok(ours()))?,
                }
            };
            let [race] = field.race(&plan.rounds(15))?;
            let title = format!("2 threads over a pool, {what}: calls a second, to those of 1 thread");
            let idle = race.bare.median().is_none_or(|bare| bare >= IDLE);
            let row = Row::new(format!("pool-two-threads-{name}"), title, Unit::Times, race)
                .goal(Goal::AtLeast(1.8))
                .note("bare: an instance for each thread, no pool");
            let busy =
                "the goal is of two idle cores; here even bare threads gained little, so other programs ran";
            Ok(if idle { row } else { row.note(busy) })
        })
        .collect()
}

/// Callers of a pool: each takes an instance for each call.
fn pool<H: Host>(instances: usize, rounds: u64) -> Result<impl Fn() -> Caller + Sync> {
    let compiled = H::compile(&Guest::own("work")?)?;
    let pool = Arc::new(H::pool(compiled, instances));
    let answer = work(rounds);
    Ok(move || {
        let pool = pool.clone();
        let call: Caller = Box::new(move || {
            H::call_pooled(&pool, "run", &rounds.to_le_bytes(), &|output| {
                let result = number(output)?;
                ensure!(result == answer, "a pooled instance computed {result}, not {answer}");
                Ok(())
            })
        });
        call
    })
}

/// How many times as many calls a second two threads make as one does. The calls are so many that starting a thread
/// does not count.
fn speed_up(plan: &Plan, caller: impl Fn() -> Result<Caller> + Sync + 'static) -> Result<Entrant> {
    let mut calls = 1;
    while elapsed(1, calls, &caller)? < plan.batch * 25 {
        calls *= 2;
    }
    Ok(Entrant::samples(move || {
        let one = elapsed(1, calls, &caller)?;
        let two = elapsed(2, calls, &caller)?;
        Ok([2.0 * one.as_secs_f64() / two.as_secs_f64()])
    }))
}

/// How long so many threads take, each of which makes so many calls.
fn elapsed(threads: usize, calls: u64, caller: &(impl Fn() -> Result<Caller> + Sync)) -> Result<Duration> {
    let ready = Barrier::new(threads + 1);
    thread::scope(|scope| {
        let work = || {
            let caller = caller().and_then(|mut call| call().map(|()| call));
            ready.wait();
            let mut call = caller?;
            (0..calls).try_for_each(|_| call())
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        ready.wait();
        let start = Instant::now();
        threads.into_iter().try_for_each(|thread| joined(thread.join()))?;
        Ok(start.elapsed())
    })
}

/// Eight threads that call for some time, on two instances: the worst latency over the median.
pub(crate) fn waiting(plan: &Plan) -> Result<Vec<Row>> {
    let time = Duration::from_millis(if plan.quick { 300 } else { 1000 });
    let [race, medians, worst] = Field {
        bare: Entrant::not_available("the engine has no pool"),
        peer: waits::<Peer>(time)?,
        ours: waits::<Ours>(time)?,
    }
    .race(&plan.rounds(9))?;
    let title =
        format!("Calls that wait, 8 threads on 2 instances for {time:?}: worst latency to the median");
    let mut row = Row::new("pool-waiting", title, Unit::Times, race).goal(Goal::AtMost(20.0));
    for (name, median, worst) in
        [("ours", &medians.ours, &worst.ours), ("extism", &medians.peer, &worst.peer)]
    {
        if let (Some(median), Some(worst)) = (median.median(), worst.median()) {
            let show = |value| Unit::Nanoseconds.show(value);
            row = row.note(format!("{name}: median {}, worst {}", show(median), show(worst)));
        }
    }
    Ok(vec![row])
}

fn waits<H: Host>(time: Duration) -> Result<Entrant<3>> {
    let caller = pool::<H>(2, ROUNDS)?;
    Ok(Entrant::samples(move || {
        let ready = Barrier::new(8);
        let mut latencies: Vec<f64> = thread::scope(|scope| {
            let work = || {
                let mut call = caller();
                let mut latencies = Vec::new();
                ready.wait();
                let end = Instant::now() + time;
                while Instant::now() < end {
                    let start = Instant::now();
                    call()?;
                    latencies.push(start.elapsed().as_nanos() as f64);
                }
                anyhow::Ok(latencies)
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
            let all: Result<Vec<_>> = threads.into_iter().map(|thread| joined(thread.join())).collect();
            anyhow::Ok(all?.concat())
        })?;
        latencies.sort_by(f64::total_cmp);
        let (Some(median), Some(worst)) = (latencies.get(latencies.len() / 2), latencies.last()) else {
            return Err(anyhow!("no thread made a call"));
        };
        Ok([worst / median, *median, *worst])
    }))
}

/// What a thread returned, or that it panicked.
fn joined<T>(result: thread::Result<Result<T>>) -> Result<T> {
    result.map_err(|_| anyhow!("a thread panicked"))?
}
