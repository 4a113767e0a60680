//! The example programs in C and C++: what their READMEs say is what happens.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::examples::{Exchange, blocks};
use crate::prefix::Prefix;
use crate::{process, repository};

const EXAMPLES: [&str; 2] = ["examples/hosts/c", "examples/hosts/cpp"];

/// Follows the README of each example, with the development build of the library.
///
/// # Errors
/// When a command fails, or shows something else than the README says.
pub(crate) fn check() -> Result<()> {
    let prefix = Prefix::install()?;
    EXAMPLES.iter().try_for_each(|folder| {
        follow(&prefix, folder).with_context(|| format!("{folder}/README.md"))?;
        println!("{folder}: as its README says");
        Ok(())
    })
}

fn follow(prefix: &Prefix, folder: &str) -> Result<()> {
    let folder = repository::root().join(folder);
    // What was built with another library is newer than its sources.
    process::run(Command::new("make").args(["--quiet", "clean"]).current_dir(&folder))?;
    let readme = fs::read_to_string(folder.join("README.md"))?;
    let consoles = blocks(&readme, "```console");
    ensure!(!consoles.is_empty(), "there are no `console` blocks");
    for block in consoles {
        for exchange in Exchange::parse_all(&block)? {
            let mut shell = Command::new("sh");
            prefix.serve(&mut shell).current_dir(&folder);
            exchange.check(shell)?;
        }
    }
    Ok(())
}
