//! The programs in the user guide's page about the C library.

use std::fs;

use anyhow::{Context, Result, ensure};

use super::Bench;
use crate::capi::compiler::Language;
use crate::{process, repository};

const PAGE: &str = "docs/c-library.md";

/// Builds and runs each block of C that is a whole program, and compares what it prints with the block of text after it.
pub(super) fn check(bench: &Bench) -> Result<()> {
    let page =
        fs::read_to_string(repository::root().join(PAGE)).with_context(|| format!("cannot read {PAGE}"))?;
    let programs = programs(&page);
    ensure!(!programs.is_empty(), "{PAGE} has no program");
    for (index, (program, shown)) in programs.iter().enumerate() {
        let folder = bench.work.join(format!("guide-{index}"));
        fs::create_dir_all(&folder)?;
        let (source, built) = (folder.join("program.c"), folder.join("program"));
        fs::write(&source, program)?;
        let mut compile = bench.compiler(Language::C, &folder);
        compile.arg(&source).arg("-o").arg(&built);
        bench.link_shared(&mut compile);
        process::run(&mut compile).with_context(|| format!("program {index} of {PAGE}"))?;
        let output = process::output(std::process::Command::new(&built).current_dir(&folder))?;
        ensure!(output == shown.trim(), "program {index} of {PAGE} prints:\n{output}\nnot:\n{shown}");
    }
    Ok(())
}

/// The whole programs, each with the text that follows it.
fn programs(page: &str) -> Vec<(&str, &str)> {
    let mut programs = Vec::new();
    for part in page.split("```c\n").skip(1) {
        let Some((program, rest)) = part.split_once("```\n") else { continue };
        if !program.contains("int main(") {
            continue;
        }
        let shown = rest.split_once("```text\n").and_then(|(_, shown)| shown.split_once("```"));
        programs.push((program, shown.map_or("", |(shown, _)| shown)));
    }
    programs
}

#[cfg(test)]
mod tests {
    use super::programs;

    #[test]
    fn whole_programs_are_found_with_what_they_print() {
        let page = "a\n```c\nint f(void);\n```\nb\n```c\nint main(void) {}\n```\nc\n```text\nhello\n```\nd\n";
        assert_eq!(programs(page), [("int main(void) {}\n", "hello\n")]);
    }
}
