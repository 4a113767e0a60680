//! A row of the result: figures, goals, and whether these were met.

use crate::sampler::Race;

/// What a figure counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Nanoseconds,
    Bytes,
    Times,
    Instances,
}

impl Unit {
    /// The unit's name in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::Bytes => "bytes",
            Self::Times => "times",
            Self::Instances => "instances",
        }
    }

    /// A figure for people: three digits that count.
    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Self::Nanoseconds => scaled(value, &[("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)]),
            Self::Bytes => scaled(
                value,
                &[("B", 1.0), ("KiB", 1024.0), ("MiB", 1024.0 * 1024.0), ("GiB", 1024.0 * 1024.0 * 1024.0)],
            ),
            Self::Times => times(value),
            Self::Instances => format!("{value:.0}"),
        }
    }
}

fn scaled(value: f64, steps: &[(&str, f64)]) -> String {
    let fits = |step: &&(&str, f64)| value.abs() >= step.1;
    let (name, step) = steps.iter().rev().find(fits).unwrap_or(&steps[0]);
    format!("{} {name}", three_digits(value / step))
}

/// A ratio for people.
pub(crate) fn times(value: f64) -> String {
    format!("{}x", three_digits(value))
}

fn three_digits(value: f64) -> String {
    match value.abs() {
        small if small < 9.995 => format!("{value:.2}"),
        medium if medium < 99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// What a row is to reach.
pub(crate) enum Goal {
    /// At most this many times the bare engine's figure.
    TimesBare(f64),
    /// The other host's figure is at least this many times ours.
    TimesBetter(f64),
    /// Our figure is at most this.
    AtMost(f64),
    /// Our figure is at least this.
    AtLeast(f64),
    /// Another measured ratio is at most this.
    Ratio { of: String, value: Option<f64>, at_most: f64 },
}

impl Goal {
    /// The goal in words.
    pub(crate) fn text(&self, unit: Unit) -> String {
        match self {
            Self::TimesBare(limit) => format!("≤ {limit}x bare"),
            Self::TimesBetter(limit) => format!("≥ {limit}x faster than extism"),
            Self::AtMost(limit) => format!("≤ {}", unit.show(*limit)),
            Self::AtLeast(limit) => format!("≥ {}", unit.show(*limit)),
            Self::Ratio { of, at_most, .. } => format!("{of} ≤ {at_most}x"),
        }
    }

    /// Whether it was met; `None` if what it needs was not measured.
    pub(crate) fn met(&self, race: &Race) -> Option<bool> {
        match self {
            Self::TimesBare(limit) => race.ours_over_bare().map(|ratio| ratio <= *limit),
            Self::TimesBetter(limit) => race.peer_over_ours().map(|ratio| ratio >= *limit),
            Self::AtMost(limit) => race.ours.median().map(|figure| figure <= *limit),
            Self::AtLeast(limit) => race.ours.median().map(|figure| figure >= *limit),
            Self::Ratio { value, at_most, .. } => value.map(|ratio| ratio <= *at_most),
        }
    }
}

/// How a row fared against all of its goals.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Met,
    Missed,
    /// A goal could not be looked at, and none was missed.
    Unknown,
    /// It has no goal.
    Information,
}

impl Verdict {
    /// The verdict in a word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Unknown => "n/a",
            Self::Information => "",
        }
    }
}

/// A row of the result.
pub(crate) struct Row {
    /// A short name, unique.
    pub(crate) name: String,
    /// What was done.
    pub(crate) title: String,
    pub(crate) unit: Unit,
    pub(crate) race: Race,
    pub(crate) goals: Vec<Goal>,
    pub(crate) notes: Vec<String>,
}

impl Row {
    /// A row without goals.
    pub(crate) fn new(name: impl Into<String>, title: impl Into<String>, unit: Unit, race: Race) -> Self {
        Self { name: name.into(), title: title.into(), unit, race, goals: Vec::new(), notes: Vec::new() }
    }

    /// Adds a goal.
    pub(crate) fn goal(mut self, goal: Goal) -> Self {
        self.goals.push(goal);
        self
    }

    /// Adds a remark.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// All goals in words.
    pub(crate) fn goal_text(&self) -> String {
        let goals: Vec<_> = self.goals.iter().map(|goal| goal.text(self.unit)).collect();
        goals.join(", ")
    }

    /// How it fared.
    pub(crate) fn verdict(&self) -> Verdict {
        let results: Vec<_> = self.goals.iter().map(|goal| goal.met(&self.race)).collect();
        if results.is_empty() {
            Verdict::Information
        } else if results.contains(&Some(false)) {
            Verdict::Missed
        } else if results.contains(&None) {
            Verdict::Unknown
        } else {
            Verdict::Met
        }
    }
}
