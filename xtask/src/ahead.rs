//! Compiling ahead: what later steps need, while the first ones leave a processor idle.

use std::process::{Child, Command, Stdio};

/// Commands that run beside the steps, until this is dropped. Nobody asks how they ended: the steps run the same commands, and say what is wrong.
pub(crate) struct Ahead(Vec<Child>);

impl Ahead {
    /// Starts commands, each with how far it stands back behind the steps and the others (by `nice`: 0 to 19). What cannot be started is left to
    /// the steps.
    pub(crate) fn start(commands: impl IntoIterator<Item = (u8, Command)>) -> Self {
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
            if let Some(folder) = command.get_current_dir() {
                nice.current_dir(folder);
            }
            nice.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            ahead.0.extend(nice.spawn());
        }
        ahead
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // First it must start no more compilers, then those that it has are ended: they would write where those of the next run write. Whatever has
            // ended by itself is as good as ended.
            let pid = child.id().to_string();
            let _ = Command::new("kill").args(["-STOP", &pid]).stderr(Stdio::null()).status();
            let _ = Command::new("pkill").args(["-KILL", "-P", &pid]).stderr(Stdio::null()).status();
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
