//! What live instances occupy.

use anyhow::Result;

use crate::child::{Job, MOST_INSTANCES, Who, ask, ask_surely};
use crate::guest::Guest;
use crate::row::{Goal, Row, Unit};
use crate::sampler::{Entrant, Field, Figure, Plan, Race};

/// Memory of an instance that was called once, of a thousand.
pub(crate) fn instance_memory(plan: &Plan) -> Result<Vec<Row>> {
    let entrant = |who| {
        Entrant::samples(move || {
            let answer = ask_surely(Job::InstanceMemory, who)?;
            Ok([answer.number("rss")?, answer.number("pss")?])
        })
    };
    let [rss, pss] = Field { bare: entrant(Who::Bare), peer: entrant(Who::Peer), ours: entrant(Who::Ours) }
        .race(&plan.rounds(if plan.quick { 1 } else { 3 }))?;
    let size = Unit::Bytes.show(Guest::large()?.wasm.len() as f64);
    let title =
        format!("Memory per live instance after one call, 1000 instances (guest of {size}): resident");
    let share = |name: &str, figure: &Figure| {
        figure.median().map(|bytes| format!("{name} {}", Unit::Bytes.show(bytes))).unwrap_or_default()
    };
    let shares = [share("bare", &pss.bare), share("extism", &pss.peer), share("ours", &pss.ours)].join(", ");
    Ok(vec![
        Row::new("instance-memory", title, Unit::Bytes, rss)
            .goal(Goal::AtMost(40.0 * 1024.0))
            .note(format!("counting shared pages once (PSS): {shares}")),
    ])
}

/// How many instances of a small guest live in one process.
pub(crate) fn live_instances(_: &Plan) -> Result<Vec<Row>> {
    let (bare, why_bare) = count(Who::Bare)?;
    let (peer, why_peer) = count(Who::Peer)?;
    let (ours, why_ours) = count(Who::Ours)?;
    let (compact, why_compact) = count(Who::OursCompact)?;
    let goal = || Goal::AtLeast(MOST_INSTANCES.into());
    let title = "Live instances of a small guest in one process";
    let race = Race { bare: bare.clone(), peer: peer.clone(), ours };
    let compact = Race { bare, peer, ours: compact };
    Ok(vec![
        Row::new("live-instances", title, Unit::Instances, race).goal(goal()).note(format!(
            "{MOST_INSTANCES} are enough; stopped by: bare: {why_bare}; extism: {why_peer}; ours: {why_ours}"
        )),
        Row::new(
            "live-instances-compact",
            format!("{title}, ours with `compact_memory(true)`"),
            Unit::Instances,
            compact,
        )
        .goal(goal())
        .note(format!("stopped by: {why_compact}")),
    ])
}

/// How many there were, and what ended it.
fn count(who: Who) -> Result<(Figure, String)> {
    let answer = ask(Job::LiveInstances, who)?;
    let why = match answer.text("stop") {
        Some(why) => why.to_owned(),
        None => format!("the process died: {}", answer.status),
    };
    Ok((Figure::Measured(vec![answer.number("live")?]), why))
}
