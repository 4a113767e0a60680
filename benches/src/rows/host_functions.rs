//! Calls from a guest to its host.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::bare;
use crate::guest::{Guest, Lent};
use crate::host::Host;
use crate::ours::Ours;
use crate::payload::{number as decode, sum_of_texts};
use crate::peer::Peer;
use crate::row::{Goal, Row, Unit};
use crate::sampler::{Entrant, Field, Plan, Race, clock};

/// How often a plug-in calls `number` in one call of its own.
const NUMBERS: u64 = 100_000;

/// A host function of numbers.
pub(crate) fn number(plan: &Plan) -> Result<Vec<Row>> {
    let guest = Guest::own("host_number")?.lend(Lent::Number);
    let race = race(plan, &guest, "numbers", NUMBERS, NUMBERS)?;
    let title = format!("Host function `(i64) -> i64`, {NUMBERS} calls per call, each");
    Ok(vec![Row::new("host-number", title, Unit::Nanoseconds, race).goal(Goal::TimesBare(2.0))])
}

/// A host function of strings.
pub(crate) fn text(plan: &Plan) -> Result<Vec<Row>> {
    let guest = Guest::own("host_text")?.lend(Lent::Text);
    let few = race(plan, &guest, "texts", 10, sum_of_texts(10))?;
    let many = race(plan, &guest, "texts", 1000, sum_of_texts(1000))?;
    let growth = many.ours.median().zip(few.ours.median()).map(|(many, few)| many / few);
    let row = |calls: u64, race| {
        let title = format!(
            "Host function, string in, string out (64 B), {calls} calls per call, each with `alloc` and `free`"
        );
        Row::new(format!("host-text-{calls}"), title, Unit::Nanoseconds, race).goal(Goal::TimesBare(3.0))
    };
    // "The same": noise of a tenth is allowed. The cost of the call itself is in the figure for 10.
    let same = Goal::Ratio { of: "1000 to 10".to_owned(), value: growth, at_most: 1.1 };
    Ok(vec![row(10, few), row(1000, many).goal(same)])
}

fn race(plan: &Plan, guest: &Guest, bare_function: &'static str, calls: u64, answer: u64) -> Result<Race> {
    let [race] = Field {
        bare: Entrant::timed(plan, calls, bare::host_functions(bare_function, calls, answer)?)?,
        peer: Entrant::timed(plan, calls, batches::<Peer>(guest, calls, answer)?)?,
        ours: Entrant::timed(plan, calls, batches::<Ours>(guest, calls, answer)?)?,
    }
    .race(plan)?;
    Ok(race)
}

fn batches<H: Host>(
    guest: &Guest,
    calls: u64,
    answer: u64,
) -> Result<impl FnMut(u64) -> Result<[Duration; 1]> + use<H>> {
    let mut plugin = H::plugin(&H::compile(guest)?, "run")?;
    Ok(move |times| {
        clock(times, || {
            let result = decode(H::call(&mut plugin, &calls.to_le_bytes())?)?;
            ensure!(result == answer, "{calls} calls of a host function gave {result}, not {answer}");
            Ok(())
        })
    })
}
