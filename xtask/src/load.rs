//! Programs in C that put load on the C library, each in a process of its own: one that runs for long, some whose threads
//! use together what can be used together, and one that forks.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::prefix::Prefix;
use crate::{process, repository};

const SOURCES: &str = "crates/capi/tests/load";

/// How often plug-ins are made, called and freed.
const CYCLES: &str = "100000";

/// Run under the address sanitizer. The thread sanitizer sees nothing of how Rust keeps threads apart, and would take what
/// the library does in turn for races; what is used after its end, the address sanitizer sees in Rust's memory as well.
const THREADS: [&str; 4] = ["shared_plugin", "own_plugins", "shared_functions", "cancel_storm"];

const SANITIZERS: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// The signals by which the engine notices a guest's traps are the engine's.
const ENGINES_SIGNALS: &str = "handle_segv=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0";

/// A program that takes longer hangs. They take seconds, on a machine that does nothing else.
const LIMIT: Duration = Duration::from_secs(300);

/// Builds and runs them.
///
/// # Errors
/// When one cannot be built, or fails.
pub(crate) fn check() -> Result<()> {
    let prefix = Prefix::install()?;
    run(&prefix, "soak", &[], &[CYCLES])?;
    THREADS.iter().try_for_each(|name| run(&prefix, name, &SANITIZERS, &[]))?;
    // Nowhere else is there a fork. Without the sanitizer, whose own locks do not survive one.
    if cfg!(unix) { run(&prefix, "forks", &[], &[]) } else { Ok(()) }
}

fn run(prefix: &Prefix, name: &str, options: &[&str], arguments: &[&str]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = folder.path().join(name);
    let source = repository::root().join(SOURCES).join(format!("{name}.c"));
    prefix.compile(&source, options, &program)?;

    let start = Instant::now();
    let mut command = Command::new(&program);
    prefix.serve(&mut command).args(arguments).env("ASAN_OPTIONS", ENGINES_SIGNALS);
    process::run_within(LIMIT, &mut command).with_context(|| format!("{SOURCES}/{name}.c"))?;
    println!("{name}: {:.1} s", start.elapsed().as_secs_f32());
    Ok(())
}
