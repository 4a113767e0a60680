//! The result, for the terminal and for the user guide.

use std::process::Command;

use anyhow::Result;

use crate::bench::clients::first_line;
use crate::bench::http::hostile::{self, Beside};
use crate::bench::http::{Plan, Row};
use crate::bench::page;

/// Lines for the terminal.
pub(super) fn text(rows: &[Row], beside: &[Beside]) -> String {
    let lines = comparisons(rows).into_iter().chain(attacks(beside));
    lines.map(|line| format!("{}\n", line.join("  "))).collect()
}

/// A section of the guide.
pub(super) fn section(rows: &[Row], beside: &[Beside], plan: &Plan) -> Result<String> {
    let node = first_line(Command::new("node").arg("--version"))?;
    let commit = page::commit()?;
    let Plan { rounds, seconds, connections } = plan;
    Ok(format!(
        "## HTTP\n\n\
         `plugwright serve` answers POST requests, wrk sends them from the same machine: {connections} connections, in turns, {rounds} rounds of \
         {seconds} s; figures are medians, a ratio is the median of the rounds' ratios. \"Bare\" is hyper with the bare engine and nothing \
         else (`crates/bare-http`), \"Fastify\" a server by Fastify with the package `@extism/extism` 1.0.3 (`benches/http`).\n\n\
         Node.js {node}; Plugwright {commit}.\n\n{}\n\
         A good route beside a hostile one, on one server: the time that 99 of 100 good requests do not exceed.\n\n{}",
        markdown(&comparisons(rows)),
        markdown(&attacks(beside)),
    ))
}

fn comparisons(rows: &[Row]) -> Vec<Vec<String>> {
    let head =
        ["requests a second", "body", "other", "ours", "ratio", "goal", "result"].map(str::to_owned).to_vec();
    let mut lines = vec![head];
    for Row { comparison, than, ours, ratio } in rows {
        lines.push(vec![
            comparison.name.to_owned(),
            if comparison.bytes < 1024 {
                format!("{} B", comparison.bytes)
            } else {
                format!("{} KiB", comparison.bytes >> 10)
            },
            format!("{than:.0}"),
            format!("{ours:.0}"),
            format!("{ratio:.2}"),
            format!("≥ {}", comparison.goal),
            judged(*ratio >= comparison.goal),
        ]);
    }
    lines
}

fn attacks(beside: &[Beside]) -> Vec<Vec<String>> {
    let head = ["hostile route", "alone", "beside it", "ratio", "goal", "result"].map(str::to_owned).to_vec();
    let mut lines = vec![head];
    for Beside { attack, alone, beside, ratio } in beside {
        lines.push(vec![
            attack.trim_start_matches('/').to_owned(),
            format!("{:.2} ms", alone / 1000.0),
            format!("{:.2} ms", beside / 1000.0),
            format!("{ratio:.2}"),
            format!("≤ {}", hostile::GOAL),
            judged(*ratio <= hostile::GOAL),
        ]);
    }
    lines
}

fn judged(met: bool) -> String {
    if met { "met" } else { "missed" }.to_owned()
}

fn markdown(lines: &[Vec<String>]) -> String {
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        text += &format!("| {} |\n", line.join(" | "));
        if number == 0 {
            text += &format!("| --- |{}\n", " ---: |".repeat(line.len() - 1));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Beside, Row, attacks, comparisons, markdown};
    use crate::bench::http::COMPARISONS;

    #[test]
    fn a_line_says_whether_the_goal_is_met() {
        let row = |ratio| Row { comparison: &COMPARISONS[0], than: 80_000.0, ours: 60_000.0, ratio };
        let lines = comparisons(&[row(0.75), row(0.6)]);
        assert_eq!(lines[1], ["echo, to bare", "64 B", "80000", "60000", "0.75", "≥ 0.7", "met"]);
        assert_eq!(lines[2][6], "missed");
        let beside = Beside { attack: "/loop", alone: 1000.0, beside: 3500.0, ratio: 3.5 };
        let page = markdown(&attacks(&[beside]));
        assert!(page.ends_with("| loop | 1.00 ms | 3.50 ms | 3.50 | ≤ 3 | missed |\n"), "{page}");
    }
}
