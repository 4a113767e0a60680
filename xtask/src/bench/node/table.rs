//! The result, for the terminal and for the user guide.

use std::process::Command;

use anyhow::Result;

use crate::bench::clients::first_line;
use crate::bench::lines;
use crate::bench::page;

/// A line: figures by module, and how many times better ours is than each of the public ones.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) figures: Vec<String>,
    pub(super) ratios: Vec<f64>,
    /// What each of the ratios is to be at least.
    pub(super) goal: Option<f64>,
}

/// Lines, and what their columns are called.
pub(super) struct Table {
    pub(super) first: String,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
}

impl Table {
    fn cells(&self) -> Vec<Vec<String>> {
        let mut head = vec![self.first.clone()];
        head.extend(self.columns.iter().cloned());
        head.extend(["to 1.0.3", "to rc13", "goal"].map(str::to_owned));
        let mut lines = vec![head];
        lines.extend(self.rows.iter().map(Row::cells));
        lines
    }
}

impl Row {
    fn cells(&self) -> Vec<String> {
        let mut cells = vec![self.name.clone()];
        cells.extend(self.figures.iter().cloned());
        cells.extend(self.ratios.iter().map(|ratio| format!("{ratio:.1}x")));
        cells.push(self.judged());
        cells
    }

    fn judged(&self) -> String {
        let Some(goal) = self.goal else { return String::new() };
        let met = self.ratios.iter().all(|ratio| *ratio >= goal);
        format!("≥ {goal}x, {}", if met { "met" } else { "missed" })
    }
}

/// A table for the terminal.
pub(super) fn text(table: &Table) -> String {
    lines::aligned(&table.cells())
}

/// A section of the guide.
pub(super) fn section(calls: &Table, [rates, costs]: [&Table; 2], versions: &str) -> String {
    format!(
        "## Node.js\n\n\
         The same programs (`benches/clients/node`) use two versions of the public package `@extism/extism` and our package, in turns, each in \
         a process of its own. A sample is the best of three batches, a figure the median of the samples, a ratio the median of \
         the rounds' ratios. The public package has no `callSync`: beside ours stands its `call` on the main thread.\n\n\
         {versions}\n\n{}\n\
         A web server by Fastify answers a body with what a plug-in makes of it, a copy; `none` answers with the body itself. \
         In each of seven rounds wrk loads it from the same machine three times, for a second each; the best of the three counts, and a figure is the median of the rounds. What a request costs the server, with all of its threads, says more than how many there are: \
         the processors are shared with wrk, and with whatever else the machine has to do. A plug-in can make a server at most as fast as `none`.\n\n{}\n{}",
        markdown(calls),
        markdown(rates),
        markdown(costs),
    )
}

fn markdown(table: &Table) -> String {
    lines::markdown(&table.cells())
}

/// What took part, in one line.
pub(super) fn versions() -> Result<String> {
    let node = first_line(Command::new("node").arg("--version"))?;
    let commit = page::commit()?;
    Ok(format!("Node.js {node}, `@extism/extism` 1.0.3 and 2.0.0-rc13; Plugwright {commit}."))
}

#[cfg(test)]
mod tests {
    use super::{Row, Table, markdown, text};

    fn table() -> Table {
        let row = |name: &str, ratio, goal| Row {
            name: name.to_owned(),
            figures: ["9 µs", "7 µs", "600 ns"].map(str::to_owned).to_vec(),
            ratios: vec![15.0, ratio],
            goal,
        };
        Table {
            first: "call".to_owned(),
            columns: ["1.0.3", "2.0.0-rc13", "ours"].map(str::to_owned).to_vec(),
            rows: vec![row("empty", 11.66, Some(12.0)), row("echo", 11.0, None)],
        }
    }

    #[test]
    fn columns_are_aligned() {
        let expected = "\
            call   1.0.3  2.0.0-rc13    ours  to 1.0.3  to rc13           goal\n\
            empty   9 µs        7 µs  600 ns     15.0x    11.7x  ≥ 12x, missed\n\
            echo    9 µs        7 µs  600 ns     15.0x    11.0x               \n";
        assert_eq!(text(&table()), expected);
    }

    #[test]
    fn the_guide_has_a_row_for_each() {
        let page = markdown(&table());
        assert!(
            page.starts_with(
                "| call | 1.0.3 | 2.0.0-rc13 | ours | to 1.0.3 | to rc13 | goal |\n| --- | ---: |"
            )
        );
        assert!(page.ends_with("| echo | 9 µs | 7 µs | 600 ns | 15.0x | 11.0x |  |\n"), "{page}");
    }
}
