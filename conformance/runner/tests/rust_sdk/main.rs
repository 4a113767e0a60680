//! Runs the conformance cases against the Rust SDK: one test for each case file, with and without the rewrite.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod functions;
mod run;

use std::fmt::Write as _;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use plugwright_conformance::{LoadedCase, Server, Topic, World, cases_dir, load};

use crate::run::run;

/// After this time a case counts as hung.
const CASE_TIMEOUT: Duration = Duration::from_secs(60);

plugwright_conformance::test_each_topic!(run_topic);

/// Runs all cases of a topic and fails with the list of those that failed.
fn run_topic(name: &str) {
    let topics = load(&cases_dir()).unwrap();
    let Topic { cases, .. } = topics.into_iter().find(|topic| topic.name == name).unwrap();
    let server = Server::start().unwrap();
    let mut failures = String::new();
    let mut skipped = Vec::new();
    for case in &cases {
        if let Some(guest) = case.unbuilt_guest() {
            skipped.push(guest);
            continue;
        }
        for (way, rewrite) in [("rewritten", true), ("as it is", false)] {
            if let Err(problem) = run_in_time(case, &server, rewrite) {
                writeln!(failures, "  {}, {way}: {problem}", case.written().name).unwrap();
            }
        }
    }
    if !skipped.is_empty() {
        println!(
            "{} of {} cases skipped; guests that are not built: {}",
            skipped.len(),
            cases.len(),
            skipped.join(" ")
        );
        // Where every guest can be built, none may be missing.
        assert!(
            std::env::var_os("PLUGWRIGHT_ALL_GUESTS").is_none(),
            "guests are missing: run `cargo xtask guests`"
        );
    }
    assert!(failures.is_empty(), "failed cases:\n{failures}");
}

/// Runs a case on a thread of its own, which is left behind when it hangs.
fn run_in_time(case: &LoadedCase, server: &Server, rewrite: bool) -> Result<(), String> {
    let world = World::new(server).map_err(|error| error.to_string())?;
    let case = case.resolve(&world)?;
    let (report, result) = channel();
    thread::spawn(move || {
        let outcome = run(&case, &world, rewrite);
        // Nobody listens any more when the case took too long.
        drop(report.send(outcome));
    });
    match result.recv_timeout(CASE_TIMEOUT) {
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Timeout) => Err(format!("still running after {CASE_TIMEOUT:?}")),
        Err(RecvTimeoutError::Disconnected) => Err("the host panicked; see the output above".to_owned()),
    }
}
