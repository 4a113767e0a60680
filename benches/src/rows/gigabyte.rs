//! A call that takes a gigabyte, then one that takes nothing.

use anyhow::Result;

use crate::child::{Job, Who, ask_surely};
use crate::row::{Goal, Row, Unit};
use crate::sampler::{Entrant, Field, Plan};

/// What counts as returned: all but this.
const KEPT_BYTES: f64 = 16.0 * 1024.0 * 1024.0;

/// The time of the second call, and what is resident after it, each in a fresh process.
pub(crate) fn gigabyte(plan: &Plan) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let kinds = [
        ("allocated", "1 GiB allocated", Job::Allocate),
        ("filled", "1 GiB allocated, each page written", Job::Fill),
    ];
    for (name, what, job) in kinds {
        let entrant = |who| {
            Entrant::samples(move || {
                let answer = ask_surely(job, who)?;
                Ok([answer.number("nanoseconds")?, answer.number("resident")?])
            })
        };
        let [time, resident] = Field {
            bare: Entrant::not_available("the engine has no kernel memory"),
            peer: entrant(Who::Peer),
            ours: entrant(Who::Ours),
        }
        .race(&plan.rounds(if plan.quick { 1 } else { 5 }))?;
        let time = Row::new(
            format!("gigabyte-{name}-time"),
            format!("{what}, then an empty call: its time"),
            Unit::Nanoseconds,
            time,
        );
        rows.push(time.goal(Goal::AtMost(1e6)));
        let resident = Row::new(
            format!("gigabyte-{name}-resident"),
            format!("{what}, then an empty call: resident half a second later, more than before"),
            Unit::Bytes,
            resident,
        );
        rows.push(resident.goal(Goal::AtMost(KEPT_BYTES)));
    }
    Ok(rows)
}
