//! What is measured: a function for each group of rows.

mod blocks;
mod calls;
mod compile;
mod gigabyte;
mod host_functions;
mod instances;
mod pools;
mod residence;

use anyhow::Result;

pub(crate) use instances::check as check_count;

use crate::row::Row;
use crate::sampler::Plan;

/// Rows that are measured together.
pub(crate) struct Group {
    /// The beginning of the rows' names.
    pub(crate) name: &'static str,
    /// Measures them.
    pub(crate) run: fn(&Plan) -> Result<Vec<Row>>,
}

/// All rows, in the order of the result.
pub(crate) const GROUPS: &[Group] = &[
    Group { name: "empty-call", run: calls::empty },
    Group { name: "zero-copy-echo", run: calls::zero_copy },
    Group { name: "pdk-echo", run: calls::pdk_echo },
    Group { name: "bulk-echo", run: calls::bulk_echo },
    Group { name: "host-number", run: host_functions::number },
    Group { name: "host-text", run: host_functions::text },
    Group { name: "blocks", run: blocks::blocks },
    Group { name: "instance-rust", run: instances::rust },
    Group { name: "instance-go", run: instances::go },
    Group { name: "instance-memory", run: residence::instance_memory },
    Group { name: "live-instances", run: residence::live_instances },
    Group { name: "pool-two-threads", run: pools::two_threads },
    Group { name: "pool-waiting", run: pools::waiting },
    Group { name: "gigabyte", run: gigabyte::gigabyte },
    Group { name: "compile", run: compile::compile },
];
