//! What functions get, and what they must return: files, for programs to read.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

/// The input of the greetings.
const NAME: &str = "Ada";

/// How often each of the words occurs in the text.
const WORDS: [&str; 8] = ["Lorem", "ipsum", "dolor", "sit", "amet", "consectetur", "elit", "sed"];
const EACH: usize = 1500;

/// The files.
pub(super) struct Inputs(TempDir);

/// A function with an input, and what it must return.
pub(super) struct Case {
    function: &'static str,
    input: PathBuf,
    output: PathBuf,
}

impl Case {
    /// The rest of a program's command line.
    pub(super) fn append(&self, mut command: Command, times: u64) -> Command {
        command.arg(self.function).arg(&self.input).arg(&self.output).arg(times.to_string());
        command
    }
}

impl Inputs {
    /// Writes all files.
    ///
    /// # Errors
    /// When that fails.
    pub(super) fn write() -> Result<Self> {
        let inputs = Self(tempfile::tempdir()?);
        for (file, text) in [
            ("name", NAME.to_owned()),
            ("greeting", format!(r#"{{"message":"💛 Hello {NAME}","from":"JavaScript"}}"#)),
            ("plain-greeting", format!("Hello, {NAME}!")),
            ("json", json()),
            ("words", WORDS.repeat(EACH).join(" ")),
            ("counts", counts()),
        ] {
            fs::write(inputs.folder().join(file), text)?;
        }
        Ok(inputs)
    }

    /// Where they are; there is room for others.
    pub(super) fn folder(&self) -> &Path {
        self.0.path()
    }

    fn case(&self, function: &'static str, input: &str, output: &str) -> Case {
        let file = |name| self.folder().join(name);
        Case { function, input: file(input), output: file(output) }
    }

    /// The workshop's plug-in.
    pub(super) fn greeting(&self) -> Case {
        self.case("hello", "name", "greeting")
    }

    /// The guest in Rust.
    pub(super) fn plain_greeting(&self) -> Case {
        self.case("hello", "name", "plain-greeting")
    }

    /// 1 MiB of JSON.
    pub(super) fn json(&self) -> Case {
        self.case("same", "json", "json")
    }

    /// Words to be counted.
    pub(super) fn words(&self) -> Case {
        self.case("words", "words", "counts")
    }
}

/// 1 MiB of JSON: records with texts, numbers, lists, as `JSON.stringify` writes them.
fn json() -> String {
    const BYTES: usize = 1 << 20;
    const LAST: &str = "\"\"]";
    let mut text = "[".to_owned();
    for id in 0.. {
        let (active, score) = (id % 3 == 0, id * 7 % 1000);
        let record = format!(
            r#"{{"id":{id},"name":"Person {id}","city":"Zürich","active":{active},"score":{score}.25,"tags":["a","bc","def"],"address":{{"street":"Main Street {id}","zip":null}}}},"#
        );
        if text.len() + record.len() + LAST.len() > BYTES {
            break;
        }
        text += &record;
    }
    let filling = "x".repeat(BYTES - text.len() - LAST.len());
    format!("{text}\"{filling}\"]")
}

/// What `words.js` returns for the words: sorted, since each occurs as often.
fn counts() -> String {
    let mut words = WORDS.map(str::to_lowercase);
    words.sort_unstable();
    words.map(|word| format!("{word} {EACH}")).join(", ")
}

#[cfg(test)]
mod tests {
    use super::{counts, json};

    #[test]
    fn the_json_has_a_mebibyte() {
        let text = json();
        assert_eq!(text.len(), 1 << 20);
        assert!(text.starts_with(r#"[{"id":0,"#) && text.ends_with("x\"]"), "{:.80}", text);
    }

    #[test]
    fn the_counts_are_sorted() {
        assert!(counts().starts_with("amet 1500, consectetur 1500, "), "{}", counts());
    }
}
