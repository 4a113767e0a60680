//! Compiling ahead: what later steps need, while the first ones leave a processor idle.

use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// Commands that run beside the steps, until this is dropped. Nobody asks how they ended: the steps run the same commands, and say what is wrong.
pub(crate) struct Ahead(Vec<Child>);

impl Ahead {
    /// Starts commands, each with how far it stands back behind the steps and the others (by `nice`: 0 to 19).
    ///
    /// # Errors
    /// When one cannot be started.
    pub(crate) fn start(commands: impl IntoIterator<Item = (u8, Command)>) -> Result<Self> {
        let mut ahead = Self(Vec::new());
        for (niceness, command) in commands {
            let mut nice = Command::new("nice");
            nice.args(["-n", &niceness.to_string()]).arg(command.get_program()).args(command.get_args());
            for (name, value) in command.get_envs() {
                match value {
                    Some(value) => nice.env(name, value),
                    None => nice.env_remove(name),
                };
            }
            nice.current_dir(command.get_current_dir().context("a command without a folder")?);
            nice.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            ahead.0.push(nice.spawn().context("cannot start `nice`")?);
        }
        Ok(ahead)
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // One that has ended by itself is as good as one that is ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
