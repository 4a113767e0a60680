//! Plug-ins that are built by a command of their own.

use std::process::Command;

use super::error::BuildError;
use super::project::{self, Built, Project};

pub(super) fn build(project: &Project) -> Result<Built, BuildError> {
    let [program, arguments @ ..] = &*project.config.command else {
        return Err(BuildError::NoSource { folder: project.folder.clone() });
    };
    let ended = match project.run(Command::new(program).args(arguments)) {
        Err(BuildError::NotStarted { program, reason }) => {
            return Err(BuildError::MissingCommand { program, file: project.config_file(), reason });
        }
        ended => ended?,
    };
    ended.check()?;
    let artifact = project.config.artifact.as_ref();
    project::read(&artifact.map_or_else(|| project.output(None), |artifact| project.folder.join(artifact)))
}
