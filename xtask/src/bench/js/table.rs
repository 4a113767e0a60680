//! The result, for the terminal and for the user guide.

use std::process::Command;

use anyhow::Result;

use crate::bench::clients::{first_line, time};
use crate::bench::lines;
use crate::bench::page;

/// What was measured.
#[derive(Clone, Copy)]
pub(super) enum Figure {
    /// In nanoseconds.
    Time(f64),
    Bytes(f64),
}

/// What ours is to reach.
#[derive(Clone, Copy)]
pub(super) enum Goal {
    None,
    /// At most this, in the figure's unit.
    AtMost(f64),
    /// At most so many times what stands beside it.
    Times(f64),
}

/// A line: our figure, and what stands beside it with the ratio of both.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) ours: Figure,
    pub(super) other: Option<(Figure, f64)>,
    pub(super) goal: Goal,
}

impl Figure {
    fn number(self) -> f64 {
        match self {
            Self::Time(number) | Self::Bytes(number) => number,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Time(nanoseconds) => time(nanoseconds),
            Self::Bytes(bytes) => format!("{:.0} KiB", bytes / 1024.0),
        }
    }

    fn with(self, number: f64) -> Self {
        match self {
            Self::Time(_) => Self::Time(number),
            Self::Bytes(_) => Self::Bytes(number),
        }
    }
}

impl Row {
    /// A figure that nothing stands beside.
    pub(super) fn alone(name: &str, ours: Figure, goal: Goal) -> Self {
        Self { name: name.to_owned(), ours, other: None, goal }
    }

    fn cells(&self) -> Vec<String> {
        let (other, ratio) =
            self.other.map_or_else(Default::default, |(other, ratio)| (other.text(), format!("{ratio:.2}x")));
        vec![self.name.clone(), self.ours.text(), other, ratio, self.judged()]
    }

    fn judged(&self) -> String {
        let (limit, met) = match (self.goal, self.other) {
            (Goal::AtMost(limit), _) => (self.ours.with(limit).text(), self.ours.number() <= limit),
            (Goal::Times(limit), Some((_, ratio))) => (format!("{limit}x"), ratio <= limit),
            (Goal::Times(_), None) | (Goal::None, _) => return String::new(),
        };
        format!("≤ {limit}, {}", if met { "met" } else { "missed" })
    }
}

fn lines(rows: &[Row]) -> Vec<Vec<String>> {
    let head = ["", "ours", "beside it", "ratio", "goal"].map(str::to_owned).to_vec();
    std::iter::once(head).chain(rows.iter().map(Row::cells)).collect()
}

/// A table for the terminal.
pub(super) fn text(rows: &[Row]) -> String {
    lines::aligned(&lines(rows))
}

/// A section of the guide.
pub(super) fn section(rows: &[Row], versions: &str) -> String {
    format!(
        "## Plug-ins in JavaScript\n\n\
         Plug-ins that `plugwright build` makes of the scripts in `benches/quickjs/scripts`; the same scripts in QuickJS as it is compiled for this machine, and a plug-in in Rust, in \
         turns, each in a process of its own. A sample is the best of three batches, a figure the median of the samples, a ratio the \
         median of the rounds' ratios. Plug-ins are built in a process that runs, with parser and engine compiled.\n\n\
         {versions}\n\n{}",
        lines::markdown(&lines(rows))
    )
}

/// What took part, in one line.
pub(super) fn versions() -> Result<String> {
    let commit = page::commit()?;
    let compiler = first_line(Command::new("cc").arg("--version"))?;
    Ok(format!("QuickJS-ng of the crate `rquickjs` 0.14.0, by {compiler} with -O3; Plugwright {commit}."))
}

#[cfg(test)]
mod tests {
    use super::{Figure, Goal, Row, text};

    #[test]
    fn goals_are_judged() {
        let rows = [
            Row::alone("size", Figure::Bytes(2048.0), Goal::AtMost(1024.0)),
            Row::alone("build", Figure::Time(2e6), Goal::None),
            Row {
                name: "json".to_owned(),
                ours: Figure::Time(2500.0),
                other: Some((Figure::Time(1000.0), 2.5)),
                goal: Goal::Times(3.0),
            },
        ];
        let expected = "          ours  beside it  ratio             goal\n\
                        size     2 KiB                    ≤ 1 KiB, missed\n\
                        build  2.00 ms                                   \n\
                        json   2.50 µs    1.00 µs  2.50x        ≤ 3x, met\n";
        assert_eq!(text(&rows), expected);
    }
}
