//! `README.md`: its first command does what it promises.

use std::path::Path;

use crate::support::{Run, cache_dir};

/// How the README starts the command; the tests have it built already.
const CARGO: &str = "cargo run --release -- ";

/// The text of the first code block.
fn first_block(text: &str) -> &str {
    let (_, rest) = text.split_once("```").unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    rest.split_once("```").unwrap().0
}

#[cfg(unix)]
#[test]
fn the_first_command_counts_vowels() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(repository.join("README.md")).unwrap();
    let command = first_block(&readme).trim();
    let arguments = command.strip_prefix(CARGO).unwrap_or_else(|| panic!("not `{CARGO}…`: {command}"));
    assert_eq!(command.lines().count(), 1, "{command}");

    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", &format!("exec \"$0\" {arguments}"), env!("CARGO_BIN_EXE_plugwright")])
        .env("PLUGWRIGHT_CACHE_DIR", cache_dir())
        .current_dir(repository);
    let run = Run::from(shell.output().unwrap());
    assert_eq!((run.ok(), &*run.stderr), (r#"{"count":3}"#, ""));
}
