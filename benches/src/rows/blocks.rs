//! The allocator of kernel memory, with many blocks live.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::guest::{Guest, Lent};
use crate::host::Host;
use crate::marks;
use crate::ours::Ours;
use crate::payload::number;
use crate::peer::Peer;
use crate::row::{Goal, Row, Unit};
use crate::sampler::{Entrant, Field, Plan, Race};

const KINDS: [&str; 3] = ["alloc", "length", "free"];
const MANY: Blocks = Blocks { live: 10_000, operations: 1000 };
const FEW: Blocks = Blocks { live: 100, operations: 100 };
const BLOCK_BYTES: u64 = 64;

/// How many blocks live, and how many operations of each kind there are.
#[derive(Clone, Copy)]
struct Blocks {
    live: u64,
    operations: u64,
}

/// `alloc`, `length` and `free`, each.
pub(crate) fn blocks(plan: &Plan) -> Result<Vec<Row>> {
    let guest = Guest::own("blocks")?.lend(Lent::Mark);
    let many = race(plan, &guest, MANY)?;
    let few = race(plan, &guest, FEW)?;
    let rows = KINDS.iter().zip(many).zip(few).map(|((kind, many), few)| {
        let title = format!("`{kind}` with 10 000 live blocks, each");
        let row = Row::new(format!("blocks-{kind}"), title, Unit::Nanoseconds, many).goal(Goal::AtMost(40.0));
        match (few.ours.median(), few.peer.median()) {
            (Some(ours), Some(peer)) => row.note(format!(
                "with 100 live blocks: ours {}, extism {}",
                Unit::Nanoseconds.show(ours),
                Unit::Nanoseconds.show(peer)
            )),
            _ => row,
        }
    });
    Ok(rows.collect())
}

fn race(plan: &Plan, guest: &Guest, blocks: Blocks) -> Result<[Race; 3]> {
    Field {
        bare: Entrant::not_available("the engine has no blocks"),
        peer: Entrant::timed(plan, blocks.operations, batches::<Peer>(guest, blocks)?)?,
        ours: Entrant::timed(plan, blocks.operations, batches::<Ours>(guest, blocks)?)?,
    }
    .race(plan)
}

/// The guest tells by `mark` when each kind begins and ends, so that what it does besides is not in the times.
fn batches<H: Host>(
    guest: &Guest,
    blocks: Blocks,
) -> Result<impl FnMut(u64) -> Result<[Duration; 3]> + use<H>> {
    let mut plugin = H::plugin(&H::compile(guest)?, "run")?;
    let numbers = [blocks.live, blocks.operations, blocks.live / blocks.operations];
    let input: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    Ok(move |times| {
        let mut sums = [Duration::ZERO; 3];
        for _ in 0..times {
            let lengths = number(H::call(&mut plugin, &input)?)?;
            ensure!(lengths == blocks.operations * BLOCK_BYTES, "the blocks' lengths add up to {lengths}");
            let spans = marks::take();
            let spans: [Duration; 3] =
                spans.try_into().ok().context("the guest did not mark three spans of time")?;
            for (sum, span) in sums.iter_mut().zip(spans) {
                *sum += span;
            }
        }
        Ok(sums)
    })
}
