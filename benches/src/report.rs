//! The result: as a table for the terminal, as a page of the guide, as JSON.

use serde_json::{Value, json};

use crate::machine::Circumstances;
use crate::row::{Row, times};
use crate::sampler::Figure;

const HEADINGS: [&str; 8] = ["row", "bare", "extism", "ours", "ours/bare", "extism/ours", "goal", "result"];

/// How the sections begin that `cargo xtask bench --clients` and its like append to the page; xtask knows this line as well.
const SECTION_OF_OTHERS: &str = "\n<!-- Written by `cargo xtask bench --";

/// What another command has written into the page, which stays.
pub(crate) fn section_of_others(page: &str) -> &str {
    page.find(SECTION_OF_OTHERS).map_or("", |start| &page[start..])
}

/// All that was measured, and where.
pub(crate) struct Report {
    pub(crate) rows: Vec<Row>,
    pub(crate) circumstances: Circumstances,
    pub(crate) command: String,
}

impl Report {
    /// A table whose columns are aligned, then the notes.
    pub(crate) fn text(&self) -> String {
        let rows: Vec<_> = self.rows.iter().map(|row| cells(row, &row.name)).collect();
        let mut widths = HEADINGS.map(|heading| heading.chars().count());
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = String::new();
        for row in std::iter::once(HEADINGS.map(str::to_owned)).chain(rows) {
            let mut line = String::new();
            for (index, (cell, width)) in row.iter().zip(widths).enumerate() {
                // Figures to the right, words to the left.
                let padding = " ".repeat(width - cell.chars().count());
                line += &if (1..6).contains(&index) {
                    format!("{padding}{cell}  ")
                } else {
                    format!("{cell}{padding}  ")
                };
            }
            text += line.trim_end();
            text.push('\n');
        }
        text.push('\n');
        for (name, note) in self.notes() {
            text += &format!("{name}: {note}\n");
        }
        text
    }

    /// A page of the guide.
    pub(crate) fn page(&self) -> String {
        let Circumstances {
            cpu,
            cores,
            kernel,
            load,
            rustc,
            wasmtime,
            extism,
            extism_wasmtime,
            plugwright,
            date,
        } = &self.circumstances;
        let mut page = format!(
            "# Performance\n\n\
             <!-- Written by `cargo xtask bench`: do not edit. -->\n\n\
             Plugwright (\"ours\"), the crate `extism` and the bare engine (\"bare\") do the same work in one run, in turns. \
             A sample is the best of five batches of calls, a figure is the median of the rounds' samples; each ratio is the median of the rounds' ratios, so that it may differ \
             a little from the ratio of the figures. More is better where instances or the gain of a thread (\"1.9x\") are counted, less \
             elsewhere. What was computed was checked. `benches/README.md` in the repository says \
             how this is done.\n\n\
             | | |\n| --- | --- |\n\
             | machine | {cpu}, {cores} cores |\n\
             | system | {kernel}, load {load} before the run |\n\
             | Plugwright | {plugwright}, Wasmtime {wasmtime} |\n\
             | `extism` | {extism}, Wasmtime {extism_wasmtime} |\n\
             | compiler | {rustc} |\n\
             | date | {date} |\n\
             | command | `{command}` |\n\n",
            command = self.command,
        );
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        page += &line(&HEADINGS.map(str::to_owned));
        page += "| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |\n";
        for row in &self.rows {
            page += &line(&cells(row, &row.title));
        }
        page += "\n## Notes\n\n";
        for (name, note) in self.notes() {
            page += &format!("- `{name}`: {note}\n");
        }
        page
    }

    /// Every sample.
    pub(crate) fn json(&self) -> Value {
        json!({
            "circumstances": self.circumstances,
            "command": self.command,
            "rows": self.rows.iter().map(row_json).collect::<Vec<_>>(),
        })
    }

    /// The remarks, and the reasons for figures that are missing; each with its row's name.
    fn notes(&self) -> Vec<(&str, String)> {
        let mut notes = Vec::new();
        for row in &self.rows {
            let figures = [("bare", &row.race.bare), ("extism", &row.race.peer), ("ours", &row.race.ours)];
            for (name, figure) in figures {
                if let Figure::NotAvailable(reason) = figure {
                    notes.push((row.name.as_str(), format!("{name} n/a: {reason}")));
                }
            }
            notes.extend(row.notes.iter().map(|note| (row.name.as_str(), note.clone())));
        }
        notes
    }
}

fn cells(row: &Row, first: &str) -> [String; 8] {
    let figure = |figure: &Figure| match figure.median() {
        Some(value) => row.unit.show(value),
        None => "n/a".to_owned(),
    };
    let ratio = |ratio: Option<f64>| ratio.map_or_else(|| "–".to_owned(), times);
    [
        first.to_owned(),
        figure(&row.race.bare),
        figure(&row.race.peer),
        figure(&row.race.ours),
        ratio(row.race.ours_over_bare()),
        ratio(row.race.peer_over_ours()),
        row.goal_text(),
        row.verdict().word().to_owned(),
    ]
}

fn row_json(row: &Row) -> Value {
    let figure = |figure: &Figure| match figure {
        Figure::Measured(samples) => json!({"median": figure.median(), "samples": samples}),
        Figure::NotAvailable(reason) => json!({"not_available": reason}),
    };
    let goals = row.goals.iter().map(|goal| json!({"goal": goal.text(row.unit), "met": goal.met(&row.race)}));
    json!({
        "name": row.name,
        "title": row.title,
        "unit": row.unit.name(),
        "bare": figure(&row.race.bare),
        "extism": figure(&row.race.peer),
        "ours": figure(&row.race.ours),
        "ours_over_bare": row.race.ours_over_bare(),
        "extism_over_ours": row.race.peer_over_ours(),
        "goals": goals.collect::<Vec<_>>(),
        "result": row.verdict().word(),
        "notes": row.notes,
    })
}
