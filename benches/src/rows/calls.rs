//! Calls: with nothing, and with bytes in and out.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::bare;
use crate::guest::Guest;
use crate::host::Host;
use crate::ours::Ours;
use crate::payload::Payload;
use crate::peer::Peer;
use crate::row::{Goal, Row, Unit};
use crate::sampler::{Entrant, Field, Plan, clock};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Calls of a function that does nothing, without input.
pub(crate) fn empty(plan: &Plan) -> Result<Vec<Row>> {
    let guest = Guest::own("empty")?;
    let [race] = Field {
        bare: Entrant::timed(plan, 1, bare::empty()?)?,
        peer: Entrant::timed(plan, 1, empty_calls::<Peer>(&guest)?)?,
        ours: Entrant::timed(plan, 1, empty_calls::<Ours>(&guest)?)?,
    }
    .race(plan)?;
    let row = Row::new("empty-call", "Empty call, empty input", Unit::Nanoseconds, race);
    Ok(vec![row.goal(Goal::TimesBare(6.0)).goal(Goal::TimesBetter(60.0))])
}

fn empty_calls<H: Host>(guest: &Guest) -> Result<impl FnMut(u64) -> Result<[Duration; 1]> + use<H>> {
    let mut plugin = H::plugin(&H::compile(guest)?, "empty")?;
    Ok(move |times| {
        clock(times, || {
            ensure!(H::call(&mut plugin, b"")?.is_empty(), "an empty call has an output");
            Ok(())
        })
    })
}

/// Echoes whose output is the input itself.
pub(crate) fn zero_copy(plan: &Plan) -> Result<Vec<Row>> {
    let guest = Guest::shared("zero_copy")?;
    let sizes = [("1 KiB", KIB, 5.0), ("1 MiB", MIB, 1.3)];
    sizes
        .into_iter()
        .map(|(size, bytes, limit)| {
            let [race] = Field {
                bare: Entrant::timed(plan, 1, bare::echo(bytes)?)?,
                peer: Entrant::timed(plan, 1, echoes::<Peer>(&guest, bytes)?)?,
                ours: Entrant::timed(plan, 1, echoes::<Ours>(&guest, bytes)?)?,
            }
            .race(plan)?;
            let title = format!("Zero-copy echo of {size}: input in, output borrowed");
            let row = Row::new(name("zero-copy-echo", size), title, Unit::Nanoseconds, race);
            Ok(row.goal(Goal::TimesBare(limit)))
        })
        .collect()
}

/// Echoes as PDKs make them: eight bytes at a time from the input to a new block.
pub(crate) fn pdk_echo(plan: &Plan) -> Result<Vec<Row>> {
    let guest = Guest::shared("echo")?;
    let sizes = [("64 KiB", 64 * KIB, 25e3), ("1 MiB", MIB, 500e3)];
    sizes
        .into_iter()
        .map(|(size, bytes, limit)| {
            let [race] = Field {
                bare: Entrant::timed(plan, 1, bare::copy(bytes)?)?,
                peer: Entrant::timed(plan, 1, echoes::<Peer>(&guest, bytes)?)?,
                ours: Entrant::timed(plan, 1, echoes::<Ours>(&guest, bytes)?)?,
            }
            .race(plan)?;
            let title = format!("PDK-style copying echo of {size} (bare: `memory.copy` twice)");
            let row = Row::new(name("pdk-echo", size), title, Unit::Nanoseconds, race);
            Ok(row.goal(Goal::AtMost(limit)))
        })
        .collect()
}

/// The same echoes through our own bulk import.
pub(crate) fn bulk_echo(plan: &Plan) -> Result<Vec<Row>> {
    let guest = Guest::own("bulk_echo")?;
    [("64 KiB", 64 * KIB), ("1 MiB", MIB)]
        .into_iter()
        .map(|(size, bytes)| {
            let [race] = Field {
                bare: Entrant::timed(plan, 1, bare::copy(bytes)?)?,
                peer: Entrant::not_available("the import is an extension of ours"),
                ours: Entrant::timed(plan, 1, echoes::<Ours>(&guest, bytes)?)?,
            }
            .race(plan)?;
            let title = format!("Copying echo of {size} by our bulk import (bare: `memory.copy` twice)");
            let row = Row::new(name("bulk-echo", size), title, Unit::Nanoseconds, race);
            Ok(row.goal(Goal::TimesBare(1.5)))
        })
        .collect()
}

fn echoes<H: Host>(guest: &Guest, bytes: usize) -> Result<impl FnMut(u64) -> Result<[Duration; 1]> + use<H>> {
    let mut plugin = H::plugin(&H::compile(guest)?, "echo")?;
    let mut payload = Payload::new(bytes);
    Ok(move |times| {
        let elapsed = clock(times, || {
            let output = H::call(&mut plugin, payload.next())?;
            payload.check(output)
        })?;
        let output = H::call(&mut plugin, payload.next())?;
        payload.check_all(output)?;
        Ok(elapsed)
    })
}

fn name(group: &str, size: &str) -> String {
    format!("{group}-{}", size.to_lowercase().replace(' ', "-"))
}
