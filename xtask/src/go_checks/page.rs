//! The programs in the page of the Go PDK, which must compile and pass their tests.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::native;
use crate::process;
use crate::repository;
use crate::toolchain::Go;

const PAGE: &str = "docs/pdk-go.md";

const MODULE: &str = "module example.com/page\n\ngo 1.24\n\n\
    require github.com/plugwright/plugwright/pdks/go v0.0.0\n";

/// Looks for suspicious constructs in the programs of the page, and runs the tests in it.
///
/// # Errors
/// When the page has a block of Go that names no file, or a program that does not compile or pass its test.
pub(super) fn check(go: &Go, pdk: &Path) -> Result<()> {
    let page =
        fs::read_to_string(repository::root().join(PAGE)).with_context(|| format!("cannot read {PAGE}"))?;
    let module = tempfile::tempdir()?;
    let replace = format!("\nreplace github.com/plugwright/plugwright/pdks/go => {}\n", pdk.display());
    fs::write(module.path().join("go.mod"), format!("{MODULE}{replace}"))?;
    for block in blocks(&page) {
        let file = file_name(block)
            .with_context(|| format!("{PAGE}: a block does not begin with `// <file>`:\n{block}"))?;
        let file = module.path().join(file);
        fs::create_dir_all(file.parent().unwrap_or(module.path()))?;
        fs::write(&file, block).with_context(|| format!("cannot write {}", file.display()))?;
    }
    process::run(go.command().args(["vet", "./..."]).current_dir(&module))?;
    process::run(native(go).args(["test", "./..."]).current_dir(&module))
}

/// The blocks of Go in a page.
fn blocks(page: &str) -> impl Iterator<Item = &str> {
    page.split("```go\n").skip(1).filter_map(|rest| rest.split("```").next())
}

/// The file that a block says it is, in its first line.
fn file_name(block: &str) -> Option<PathBuf> {
    let name = block.lines().next()?.strip_prefix("// ")?;
    name.ends_with(".go").then(|| PathBuf::from(name))
}

#[cfg(test)]
mod tests {
    use super::{PathBuf, blocks, file_name};

    #[test]
    fn blocks_are_files() {
        let page = "text\n```go\n// a/main.go\npackage main\n```\n```sh\ngo\n```\n```go\nfunc f()\n```\n";
        let files: Vec<_> = blocks(page).map(file_name).collect();
        assert_eq!(files, [Some(PathBuf::from("a/main.go")), None]);
    }
}
