//! Runs the conformance cases against the real `plugwright` command: one test for each case file.
//!
//! A process makes one call, or the same call repeatedly, on a plug-in that is fresh. What that leaves of a case, a rule
//! decides: see [`expressible`].

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod command;
mod expressible;
mod messages;
mod outcome;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::iter;

use plugwright_conformance::{
    LoadedCase, Server, Topic, World, cases_dir, check_load_error, check_step, load,
};

use crate::expressible::{Part, expressible};

/// How many cases run at least, as a whole or by their first call, where every guest is built. The rule that leaves cases out
/// cannot leave out too many unnoticed.
const CASES: usize = 250;

/// How many of them run at least as a whole.
const WHOLE_CASES: usize = 115;

plugwright_conformance::test_each_topic!(run_topic);

#[test]
fn most_cases_can_be_expressed() {
    let parts: Vec<Part> = load(&cases_dir())
        .unwrap()
        .iter()
        .flat_map(|topic| &topic.cases)
        .filter_map(|case| expressible(case.written()).ok())
        .collect();
    let first = parts.iter().filter(|part| matches!(part, Part::FirstCall)).count();
    let whole = parts.len() - first;
    println!("cases that can be expressed: {whole} as a whole, {first} by their first call");
    assert!(whole >= WHOLE_CASES, "{whole} is less than {WHOLE_CASES}");
    assert!(parts.len() >= CASES, "{} is less than {CASES}", parts.len());
}

/// What became of the cases of a topic that did not fail.
#[derive(Default)]
struct Counts {
    whole: usize,
    first_call: usize,
    not_built: Vec<String>,
    /// Those that the command line cannot express, by reason.
    left_out: BTreeMap<&'static str, usize>,
}

/// Runs what can be expressed of a topic's cases and fails with the list of those that failed.
fn run_topic(name: &str) {
    let topics = load(&cases_dir()).unwrap();
    let Topic { cases, .. } = topics.into_iter().find(|topic| topic.name == name).unwrap();
    let server = Server::start().unwrap();
    let mut counts = Counts::default();
    let mut failures = String::new();
    for case in &cases {
        let part = match expressible(case.written()) {
            Ok(part) => part,
            Err(reason) => {
                *counts.left_out.entry(reason).or_default() += 1;
                continue;
            }
        };
        if let Some(guest) = case.unbuilt_guest() {
            counts.not_built.push(guest);
            continue;
        }
        match part {
            Part::FirstCall => counts.first_call += 1,
            Part::Load | Part::Calls(_) => counts.whole += 1,
        }
        if let Err(problem) = run(case, part, &server) {
            writeln!(failures, "  {}: {problem}", case.written().name).unwrap();
        }
    }
    let Counts { whole, first_call, not_built, left_out } = counts;
    println!(
        "{name}: of {} cases ran {whole} as a whole and {first_call} by their first call; {} cannot be expressed: {left_out:?}",
        cases.len(),
        left_out.values().sum::<usize>()
    );
    if !not_built.is_empty() {
        println!("{} skipped; guests that are not built: {}", not_built.len(), not_built.join(" "));
        // Where every guest can be built, none may be missing.
        assert!(
            std::env::var_os("PLUGWRIGHT_ALL_GUESTS").is_none(),
            "guests are missing: run `cargo xtask guests`"
        );
    }
    assert!(failures.is_empty(), "failed cases:\n{failures}");
}

/// Runs a part of a case and says what went wrong, if anything did.
fn run(case: &LoadedCase, part: Part, server: &Server) -> Result<(), String> {
    let world = World::new(server).map_err(|error| error.to_string())?;
    let case = case.resolve(&world)?;
    world.create(&case.files).map_err(|error| format!("cannot create the case's files: {error}"))?;
    let calls = match part {
        Part::Calls(calls) => calls,
        Part::Load | Part::FirstCall => 1,
    };
    let step = case.steps.first();
    let ended = command::run(&case, step, calls, &world)?;
    match step {
        None => check_load_error(case.load_error.as_ref(), outcome::of_load(&ended)?.as_ref()),
        Some(step) => {
            let mut step = step.clone();
            step.expect_logs =
                step.expect_logs.map(|logs| iter::repeat_n(logs, calls as usize).flatten().collect());
            let outcome = outcome::of_call(&step, &ended)?;
            check_step(&step, &outcome).map_err(|problem| format!("function `{}`: {problem}", step.function))
        }
    }
}
