//! What benchmarks and tests know of the clients in `benches/clients`.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::prefix::Prefix;
use crate::repository;

/// An echo with the development build of the library, in rounds of so many calls: the arguments of any client after the
/// library.
const WORK: [&str; 4] = ["guests/wat/zero_copy.wat", "echo", "1000", "10"];

/// Lets a client measure two rounds, so that one that does not work is noticed before it is needed.
///
/// # Errors
/// When it fails, or does not print one number for each round.
pub(crate) fn try_out(client: &mut Command, prefix: &Prefix) -> Result<()> {
    let library = prefix.libraries().join("libplugwright.so");
    prefix.serve(client).arg(library).args(WORK).current_dir(repository::root());
    let mut running = client.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    // The end of the input comes when the pipe is dropped, after the two lines.
    running.stdin.take().context("the client has no input")?.write_all(b"\n\n")?;
    let answer = running.wait_with_output()?;
    let text = String::from_utf8(answer.stdout)?;
    ensure!(answer.status.success(), "{client:?} failed: {}", answer.status);
    let times: Vec<f64> = text.lines().map(str::parse).collect::<Result<_, _>>().context("not a number")?;
    ensure!(times.len() == 2 && times.iter().all(|time| *time > 0.0), "{client:?} printed {text:?}");
    Ok(())
}
