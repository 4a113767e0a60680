//! What is generated from the definition of the command line: completions and manual pages.

use anyhow::Context;
use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::args::{Cli, ManArgs};
use crate::errors::Failure;
use crate::output;

pub(crate) fn completions(shell: Shell) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "plugwright", &mut script);
    output::stdout(&script)
}

pub(crate) fn man(args: &ManArgs) -> anyhow::Result<()> {
    let mut root = Cli::command();
    root.build();
    if let Some(dir) = &args.dir {
        std::fs::create_dir_all(dir)
            .and_then(|()| clap_mangen::generate_to(root, dir))
            .with_context(|| format!("cannot write manual pages to `{}`", dir.display()))?;
        return Ok(());
    }
    let mut page = Vec::new();
    Man::new(find(root, &args.command)?).render(&mut page).context("cannot make the manual page")?;
    output::stdout(&page)
}

/// The command of this name.
fn find(root: Command, names: &[String]) -> Result<Command, Failure> {
    names.iter().try_fold(root, |found, name| {
        found.find_subcommand(name).cloned().ok_or_else(|| {
            Failure::Usage(format!("there is no command `{}`; `plugwright help` lists them", names.join(" ")))
        })
    })
}
