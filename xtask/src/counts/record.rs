//! The recorded counts, and how new ones compare with them.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// How much an operation may grow or shrink, in percent, before somebody is told.
const TOLERANCE: f64 = 10.0;

const HEADER: &str = "# Instructions that an operation takes. Written by `cargo xtask counts --record`.\n\n";

/// Counts, and how they were made.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) circumstances: Circumstances,
    pub(super) instructions: Vec<Count>,
}

/// The instructions that one operation takes.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Count {
    pub(super) operation: String,
    pub(super) instructions: f64,
}

/// What counts depend on besides the source.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Circumstances {
    pub(super) rustc: String,
    pub(super) valgrind: String,
    /// Its C library copies memory and allocates it.
    pub(super) system: String,
    /// What guests are compiled for: the processor that the tool shows to programs.
    pub(super) processor: String,
    /// Its size: another compiler makes another guest of the same source.
    pub(super) rust_guest: String,
}

impl Record {
    /// # Errors
    /// When there is no record in `file`, or none that can be understood.
    pub(super) fn read(file: &Path) -> Result<Self> {
        let how = || format!("cannot read {}; `cargo xtask counts --record` writes it", file.display());
        toml::from_str(&fs::read_to_string(file).with_context(how)?).with_context(how)
    }

    /// # Errors
    /// When `file` cannot be written.
    pub(super) fn write(&self, file: &Path) -> Result<()> {
        let text = format!("{HEADER}{}", toml::to_string(self)?);
        fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    /// What became of each operation: those of `now` in their order, then those that are gone.
    pub(super) fn compare(&self, now: &[Count]) -> Vec<Change> {
        let find = |counts: &[Count], name: &str| {
            let found = counts.iter().find(|count| count.operation == name);
            found.map(|count| count.instructions)
        };
        let mut names: Vec<&str> = now.iter().map(|count| count.operation.as_str()).collect();
        let gone = self.instructions.iter().map(|count| count.operation.as_str());
        names.extend(gone.filter(|name| find(now, name).is_none()));
        let change = |name: &str| Change {
            name: name.to_owned(),
            recorded: find(&self.instructions, name),
            now: find(now, name),
        };
        names.into_iter().map(change).collect()
    }
}

impl Circumstances {
    /// What differs, one line for each.
    pub(super) fn differences(&self, now: &Self) -> Vec<String> {
        let pairs = [
            ("rustc", &self.rustc, &now.rustc),
            ("valgrind", &self.valgrind, &now.valgrind),
            ("system", &self.system, &now.system),
            ("processor", &self.processor, &now.processor),
            ("Rust guest", &self.rust_guest, &now.rust_guest),
        ];
        let differing = pairs.into_iter().filter(|(_, recorded, now)| recorded != now);
        differing.map(|(name, recorded, now)| format!("{name}: {recorded}; now {now}")).collect()
    }
}

/// What became of one operation.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) name: String,
    pub(super) recorded: Option<f64>,
    pub(super) now: Option<f64>,
}

impl Change {
    /// In percent of what was recorded.
    fn percent(&self) -> Option<f64> {
        Some((self.now? / self.recorded? - 1.0) * 100.0)
    }

    /// Whether it costs too much, or there is nothing to compare.
    pub(super) fn is_failure(&self) -> bool {
        self.percent().is_none_or(|percent| percent > TOLERANCE)
    }

    /// Whether it costs so much less that the record would hide a later loss.
    pub(super) fn is_gain(&self) -> bool {
        self.percent().is_some_and(|percent| percent < -TOLERANCE)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match (self.recorded, self.now) {
            (Some(recorded), Some(now)) => {
                let percent = self.percent().unwrap_or_default();
                write!(f, "{name}: {now:.1} instructions, {recorded:.1} recorded: {percent:+.1} %, ")?;
                write!(f, "of which {TOLERANCE:+} % are allowed")
            }
            (None, _) => write!(f, "{name}: not recorded"),
            (Some(_), None) => write!(f, "{name}: recorded, but there is no such operation"),
        }
    }
}

/// The changes as text for people.
pub(super) fn table(changes: &[Change]) -> String {
    let mut table = format!("{:<26}{:>12}{:>12}{:>10}", "instructions", "recorded", "now", "change");
    let number = |number: Option<f64>| number.map_or("-".to_owned(), |number| format!("{number:.1}"));
    for change in changes {
        let percent = change.percent().map_or("-".to_owned(), |percent| format!("{percent:+.1} %"));
        let (recorded, now) = (number(change.recorded), number(change.now));
        table += &format!("\n{:<26}{recorded:>12}{now:>12}{percent:>10}", change.name);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::{Change, Circumstances, Count, Record, table};

    fn count(operation: &str, instructions: f64) -> Count {
        Count { operation: operation.to_owned(), instructions }
    }

    fn recorded(instructions: Vec<Count>) -> Record {
        Record { circumstances: Circumstances::default(), instructions }
    }

    #[test]
    fn growth_beyond_a_tenth_fails_and_a_fall_is_told() {
        let former =
            recorded(vec![count("a", 100.0), count("b", 100.0), count("c", 100.0), count("d", 100.0)]);
        let changes =
            former.compare(&[count("a", 109.9), count("b", 110.1), count("c", 90.1), count("d", 89.9)]);
        let failures: Vec<bool> = changes.iter().map(Change::is_failure).collect();
        let gains: Vec<bool> = changes.iter().map(Change::is_gain).collect();
        assert_eq!(failures, [false, true, false, false]);
        assert_eq!(gains, [false, false, false, true]);
        assert_eq!(
            changes[1].to_string(),
            "b: 110.1 instructions, 100.0 recorded: +10.1 %, of which +10 % are allowed"
        );
    }

    #[test]
    fn an_operation_without_a_partner_fails() {
        let changes = recorded(vec![count("old", 1.0)]).compare(&[count("new", 1.0)]);
        assert!(changes.iter().all(Change::is_failure));
        let texts: Vec<String> = changes.iter().map(Change::to_string).collect();
        assert_eq!(texts, ["new: not recorded", "old: recorded, but there is no such operation"]);
        assert!(table(&changes).ends_with("old                                1.0           -         -"));
    }

    #[test]
    fn a_record_can_be_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("recorded.toml");
        let mut record = recorded(vec![count("a", 0.5)]);
        record.circumstances.rustc = "rustc 1.95.0".to_owned();
        record.write(&file).unwrap();
        let read = Record::read(&file).unwrap();
        assert_eq!(read, record);
        let differences = read.circumstances.differences(&Circumstances::default());
        assert_eq!(differences, ["rustc: rustc 1.95.0; now "]);
    }

    #[test]
    fn a_missing_record_says_how_to_make_one() {
        let folder = tempfile::tempdir().unwrap();
        let error = Record::read(&folder.path().join("recorded.toml")).unwrap_err();
        assert!(error.to_string().contains("cargo xtask counts --record"), "{error}");
    }
}
