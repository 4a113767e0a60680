//! The programs in pages of the user guide, which are built as guests: so they compile, and can be called.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::repository;

/// Writes the programs of a page into `folder`, where the PDK's file is in `pdk/` as in a project of its own. Returns their names,
/// without the extension.
///
/// A program is a block of `language` that says its name in its first line, as in `// greet.zig`.
///
/// # Errors
/// When a file cannot be written, or the page holds no program.
pub(super) fn programs(page: &str, language: &str, pdk: &str, folder: &Path) -> Result<Vec<String>> {
    let source = repository::root().join("pdks").join(pdk);
    let copy = folder.join("pdk").join(source.file_name().unwrap_or_default());
    fs::create_dir(folder.join("pdk"))?;
    fs::copy(&source, copy).with_context(|| format!("cannot copy {}", source.display()))?;
    let blocks = blocks(page, language);
    for (name, program) in &blocks {
        fs::write(folder.join(name).with_extension(language), program)?;
    }
    anyhow::ensure!(!blocks.is_empty(), "the page has no program in {language}");
    Ok(blocks.into_iter().map(|(name, _)| name.to_owned()).collect())
}

/// The name and the text of each program.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<(&'a str, &'a str)> {
    let start = format!("```{language}\n");
    let blocks = page.split(&start).skip(1).filter_map(|rest| Some(rest.split_once("```")?.0));
    blocks.filter_map(|block| Some((name(block, language)?, block))).collect()
}

/// The name in the first line of a program.
fn name<'a>(block: &'a str, language: &str) -> Option<&'a str> {
    let words = block.lines().next()?.split_whitespace();
    words.filter_map(|word| word.strip_suffix(language)?.strip_suffix('.')).next()
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn programs_are_the_blocks_with_a_name() {
        let page = "# A\n```c\n/* a.c */\nint a;\n```\ntext\n```sh\ncc a.c\n```\n```c\nint unnamed;\n```\n```c\n// b.c\n```\n";
        assert_eq!(blocks(page, "c"), [("a", "/* a.c */\nint a;\n"), ("b", "// b.c\n")]);
        assert_eq!(blocks(page, "zig"), []);
    }
}
