//! Plug-ins in JavaScript: how large they are, how long they take, beside the same scripts in native QuickJS and a plug-in in Rust.

mod inputs;
mod programs;
mod table;

use std::process::Command;

use anyhow::Result;

use crate::bench::batches::{Plan, median};
use crate::bench::page;
use crate::{guests, repository};

use inputs::Inputs;
use programs::Programs;
use table::{Figure, Goal, Row};

/// How large a plug-in may be, as it is and gzipped.
const SIZE: f64 = 1.2 * 1024.0 * 1024.0;
const GZIPPED: f64 = 450.0 * 1024.0;

/// The script of the workshop's plug-in.
const HELLO: &str = "hello.js";

/// Builds everything, measures, prints a table, and writes it into the page unless this is a quick run.
///
/// # Errors
/// When something cannot be built, or computes a wrong result while it is measured.
pub(super) fn run(quick: bool) -> Result<()> {
    guests::build()?;
    let bench = Bench { programs: Programs::build()?, inputs: Inputs::write()?, plan: Plan::new(quick) };
    let mut rows = bench.building()?;
    rows.extend(bench.hello()?);
    rows.extend(bench.scripts()?);
    print!("{}", table::text(&rows));
    if !quick {
        page::write("bench --js", &table::section(&rows, &table::versions()?))?;
    }
    Ok(())
}

struct Bench {
    programs: Programs,
    inputs: Inputs,
    plan: Plan,
}

impl Bench {
    fn building(&self) -> Result<Vec<Row>> {
        let built = self.programs.write(HELLO, self.inputs.folder())?;
        let time = self.alone(|times| self.programs.builds(HELLO, times))?;
        Ok(vec![
            Row::alone("the workshop's plug-in: size", Figure::Bytes(built.bytes), Goal::AtMost(SIZE)),
            Row::alone("the same, gzipped", Figure::Bytes(built.gzipped), Goal::AtMost(GZIPPED)),
            Row::alone("building it", time, Goal::None),
        ])
    }

    fn hello(&self) -> Result<Vec<Row>> {
        let plugin = self.programs.write(HELLO, self.inputs.folder())?.path;
        let in_rust = repository::guests().join("build").join("rust_pdk_hello.wasm");
        let (greeting, plain) = (self.inputs.greeting(), self.inputs.plain_greeting());
        let first = self.beside(
            |times| self.programs.first_calls(&plugin, &greeting, times),
            |times| self.programs.first_calls(&in_rust, &plain, times),
        )?;
        let again = self.alone(|times| self.programs.calls(&plugin, &greeting, times))?;
        Ok(vec![
            first.row(
                "instance from compiled, first call, end; beside it a plug-in in Rust",
                Goal::Times(3.0),
            ),
            Row::alone("calling it again", again, Goal::AtMost(15e3)),
        ])
    }

    fn scripts(&self) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for (name, script, case, goal) in [
            ("JSON of 1 MiB parsed and returned", "json.js", self.inputs.json(), Goal::Times(3.0)),
            ("words counted in 64 KiB", "words.js", self.inputs.words(), Goal::None),
        ] {
            let plugin = self.programs.write(script, self.inputs.folder())?.path;
            let race = self.beside(
                |times| self.programs.calls(&plugin, &case, times),
                |times| self.programs.native(script, &case, times),
            )?;
            rows.push(race.row(&format!("{name}; beside it native QuickJS"), goal));
        }
        Ok(rows)
    }

    fn alone(&self, start: impl Fn(u64) -> Command) -> Result<Figure> {
        let mut worker = self.plan.start(start)?;
        let samples = (0..self.plan.rounds).map(|_| self.plan.sample(&mut worker));
        Ok(Figure::Time(median(samples.collect::<Result<_>>()?)))
    }

    /// Both in turns, which what disturbs the machine disturbs alike.
    fn beside(&self, ours: impl Fn(u64) -> Command, other: impl Fn(u64) -> Command) -> Result<Race> {
        let (mut ours, mut other) = (self.plan.start(ours)?, self.plan.start(other)?);
        let mut race = Race { ours: Vec::new(), other: Vec::new() };
        for _ in 0..self.plan.rounds {
            race.ours.push(self.plan.sample(&mut ours)?);
            race.other.push(self.plan.sample(&mut other)?);
        }
        Ok(race)
    }
}

/// The samples of two that did the same in turns.
struct Race {
    ours: Vec<f64>,
    other: Vec<f64>,
}

impl Race {
    fn row(self, name: &str, goal: Goal) -> Row {
        let ratios = self.ours.iter().zip(&self.other).map(|(ours, other)| ours / other).collect();
        Row {
            name: name.to_owned(),
            ours: Figure::Time(median(self.ours)),
            other: Some((Figure::Time(median(self.other)), median(ratios))),
            goal,
        }
    }
}
