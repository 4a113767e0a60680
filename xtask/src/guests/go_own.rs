//! The guests in Go once more, moved from the public PDK to ours as their authors would: by the import path.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::guests::go::build_commands;
use crate::guests::{Builder, copy};
use crate::process;
use crate::repository;
use crate::toolchain::Go;

const THEIRS: &str = "github.com/extism/go-pdk";
const OURS: &str = "github.com/plugwright/plugwright/pdks/go";

/// The compiler, for a copy of the guests.
pub(super) struct GoOwn(pub(super) Go);

impl Builder for GoOwn {
    fn version(&self) -> &str {
        self.0.version()
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        let moved = repository::target().join("guests").join("go_own_sources");
        copy::folder(sources, &moved)?;
        move_imports(&moved).with_context(|| format!("cannot change the imports in {}", moved.display()))?;
        let pdk = repository::root().join("pdks").join("go");
        let mut edit = self.0.command();
        edit.args(["mod", "edit", &format!("-droprequire={THEIRS}"), &format!("-require={OURS}@v0.0.0")]);
        edit.arg(format!("-replace={OURS}={}", pdk.display()));
        process::run(edit.current_dir(&moved))?;
        build_commands(&self.0, &moved, "go_own", output)
    }
}

/// Changes the import path in every Go file below a folder.
fn move_imports(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            move_imports(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "go") {
            let text = fs::read_to_string(&path)?;
            fs::write(&path, text.replace(&format!("\"{THEIRS}\""), &format!("\"{OURS}\"")))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{fs, move_imports};

    #[test]
    fn only_the_import_changes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a").join("main.go");
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(&file, "import pdk \"github.com/extism/go-pdk\"\n// github.com/extism/go-pdk\n").unwrap();
        move_imports(folder.path()).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(
            text,
            "import pdk \"github.com/plugwright/plugwright/pdks/go\"\n// github.com/extism/go-pdk\n"
        );
    }
}
