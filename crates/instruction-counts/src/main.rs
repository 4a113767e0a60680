//! Runs one operation of the runtime many times, for a tool that counts instructions: `cargo xtask counts`.
//!
//! ```text
//! instruction-counts list                  each operation, and how often it is to be run
//! instruction-counts features              the processor's features that decide about compiled code
//! instruction-counts <operation> <times>   makes the operation ready, then runs it in `measured`
//! ```
#![forbid(unsafe_code)]

mod features;
mod operations;

use std::hint::black_box;

use anyhow::{Context, Result, bail};

use operations::{OPERATIONS, Repeat};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["list"] => {
            for operation in OPERATIONS {
                println!("{} {}", operation.name, operation.times);
            }
            Ok(())
        }
        ["features"] => {
            println!("{}", features::present().join(" "));
            Ok(())
        }
        [name, times] => run(name, times.parse().with_context(|| format!("{times:?} is no number"))?),
        _ => bail!("usage: instruction-counts list | features | <operation> <times>"),
    }
}

fn run(name: &str, times: u64) -> Result<()> {
    let operation = OPERATIONS.iter().find(|operation| operation.name == name);
    let operation =
        operation.with_context(|| format!("there is no operation {name:?}; `list` names them"))?;
    let mut repeat = (operation.prepare)()?;
    // What only the first time does is not what is counted: lazy initialisation, growing buffers, page faults.
    repeat(2)?;
    measured(&mut *repeat, times)
}

/// The one function whose instructions are counted, with all that it calls. The tool finds it by name.
#[inline(never)]
fn measured(repeat: &mut Repeat, times: u64) -> Result<()> {
    // Not a tail call, which would leave the function before the work begins.
    black_box(repeat(times))
}
