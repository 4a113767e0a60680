//! Running the program under callgrind.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::toolchain::Valgrind;

/// Instructions are counted while this function runs, on the thread that runs it.
const COUNTED: &str = "instruction_counts::measured*";

/// Longer than the slowest operation takes on a loaded machine.
const LIMIT: Duration = Duration::from_secs(300);

/// The tool, what it runs, and where it leaves its profiles.
pub(super) struct Callgrind {
    pub(super) valgrind: Valgrind,
    pub(super) program: PathBuf,
    pub(super) folder: PathBuf,
}

impl Callgrind {
    /// The instructions that it takes to do an operation `times` times.
    ///
    /// # Errors
    /// When the program fails, takes minutes, or nothing was counted.
    pub(super) fn count(&self, operation: &str, times: u32) -> Result<u64> {
        let (profile, log) = (self.profile(operation), self.folder.join(format!("{operation}.log")));
        let mut command = self.valgrind.command();
        command.args(["--tool=callgrind", "--collect-atstart=no"]);
        // Compiling, and the clock's thread, are outside.
        command.arg(format!("--toggle-collect={COUNTED}"));
        // Several threads would leave the heap, in which the operation then runs, in another state each time.
        command.env("RAYON_NUM_THREADS", "1");
        // Compiled guests are code that nobody announces to the tool.
        command.arg("--smc-check=all-non-file");
        command.arg(format!("--callgrind-out-file={}", profile.display()));
        command.arg(format!("--log-file={}", log.display()));
        command.arg(&self.program).arg(operation).arg(times.to_string());
        process::run_within(LIMIT, &mut command)
            .with_context(|| format!("valgrind's messages are in {}", log.display()))?;

        let text =
            fs::read_to_string(&profile).with_context(|| format!("cannot read {}", profile.display()))?;
        match total(&text) {
            Some(total) if total > 0 => Ok(total),
            _ => bail!("nothing was counted in {COUNTED}: see {} and {}", profile.display(), log.display()),
        }
    }

    /// The features of the processor that the tool shows to programs, which decide what guests are compiled to.
    pub(super) fn processor(&self) -> Result<String> {
        process::output(
            self.valgrind.command().args(["--tool=none", "-q"]).arg(&self.program).arg("features"),
        )
    }

    /// The command that shows where the instructions of the last count were spent.
    pub(super) fn how_to_look_into(&self, operation: &str) -> String {
        let annotate = self.valgrind.annotate();
        format!("{} --inclusive=yes {}", annotate.display(), self.profile(operation).display())
    }

    fn profile(&self, operation: &str) -> PathBuf {
        self.folder.join(format!("{operation}.callgrind"))
    }
}

/// The instructions in a profile.
fn total(profile: &str) -> Option<u64> {
    profile.lines().find_map(|line| line.strip_prefix("totals: "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::total;

    #[test]
    fn the_total_is_found() {
        assert_eq!(total("version: 1\nevents: Ir\nsummary: 12\n\nfn=(1) f\n3 12\n\ntotals: 12\n"), Some(12));
        assert_eq!(total("version: 1\n"), None);
    }
}
