//! The READMEs of the servers in `examples`: their commands are run as they are printed, and show what is printed.
//!
//! They are run in a folder that looks like the checkout: everything is linked there but for the example itself, which is copied, so that
//! what npm and TypeScript leave is not left in the checkout.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::examples::{Exchange, Tools, blocks};
use crate::{guests, link_folder, process, repository};

/// The folders with examples, as the checkout has them.
const EXAMPLES: &str = "examples";

/// What the programs have for a port: the text in the program, and the port. It may be taken on this machine, so the program asks
/// the system for one that is free.
const PORTS: [(&str, &str); 2] = [("httpPort = 7070", "7070"), ("port = '8080'", "8080")];

/// Follows the README of an example: a block of commands, of which the last starts a server, and a block of what is asked then.
///
/// # Errors
/// When the README has another form, a command fails, or shows something else.
pub(super) fn follow(tools: &Tools, example: &Path) -> Result<()> {
    let work = tempfile::tempdir()?;
    let folder = copy_of_checkout(&work.path().join("checkout"), example)?;
    // On a terminal curl shows no progress when it has an answer to show.
    fs::write(work.path().join(".curlrc"), "silent\nshow-error\n")?;
    let readme = fs::read_to_string(folder.join("README.md"))?;
    let consoles = blocks(&readme, "```console");
    let [setting_up, asking] = &consoles[..] else {
        anyhow::bail!("two `console` blocks are needed: what is started, and what is asked");
    };
    let commands = commands(setting_up)?;
    let Some((server, preparing)) = commands.split_last() else { anyhow::bail!("there are no commands") };
    let port = free_port(&folder)?;
    let shell = || -> Result<Command> {
        let mut shell = tools.building_shell()?;
        shell.current_dir(&folder).env("CURL_HOME", work.path()).env("npm_config_prefer_offline", "true");
        shell.env_remove("NODE_OPTIONS").env_remove("RUST_BACKTRACE");
        Ok(shell)
    };
    for command in preparing {
        process::output(shell()?.arg("-c").arg(command)).with_context(|| format!("`{command}`"))?;
    }
    let server = Server::start(shell()?, server)?;
    for Exchange { command, shown } in Exchange::parse_all(asking)? {
        let command = command.replace(&format!("localhost:{port}"), &format!("localhost:{}", server.port));
        Exchange { command, shown }.check(shell()?)?;
    }
    Ok(())
}

/// A folder that looks like the checkout, and in it a copy of the example.
fn copy_of_checkout(root: &Path, example: &Path) -> Result<PathBuf> {
    let checkout = repository::root();
    link_folder::link_each(&checkout, root)?;
    fs::remove_file(root.join(EXAMPLES))?;
    link_folder::link_each(&checkout.join(EXAMPLES), &root.join(EXAMPLES))?;
    let folder = root.join(example);
    fs::remove_file(&folder)?;
    guests::copy_sources(&checkout.join(example), &folder)?;
    // It may be elsewhere.
    let target = root.join("target");
    if target.symlink_metadata().is_ok() {
        fs::remove_file(&target)?;
    }
    link_folder::link(&repository::target(), &target)?;
    Ok(folder)
}

/// The commands of a block that shows nothing else.
fn commands<'a>(block: &[&'a str]) -> Result<Vec<&'a str>> {
    let commands = block.iter().map(|line| {
        line.strip_prefix("$ ").with_context(|| format!("`{line}` is no command, which begins with `$ `"))
    });
    commands.collect()
}

/// Lets the program in a folder take a port that is free, and returns the one that it had.
fn free_port(folder: &Path) -> Result<&'static str> {
    for name in ["server.js", "server.ts"] {
        let file = folder.join(name);
        let Ok(program) = fs::read_to_string(&file) else { continue };
        for (text, port) in PORTS {
            if program.contains(text) {
                fs::write(&file, program.replace(text, &text.replace(port, "0")))?;
                return Ok(port);
            }
        }
    }
    anyhow::bail!("no program in {} has a port that is known here", folder.display())
}

/// A running server, which ends when this is dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts it, and waits until it says where it listens.
    fn start(mut shell: Command, command: &str) -> Result<Self> {
        // The shell becomes the server, so that ending the one ends the other.
        shell.arg("-c").arg(format!("exec {command}")).stdout(Stdio::piped());
        let mut child = shell.spawn().context("cannot start a shell")?;
        let said = child.stdout.take().context("the server has no output")?;
        let mut server = Self { child, port: 0 };
        let mut lines = BufReader::new(said).lines();
        for line in lines.by_ref() {
            if let Some(port) = listens(&line?) {
                server.port = port;
                break;
            }
        }
        ensure!(server.port != 0, "`{command}` has ended without saying where it listens");
        // What it says later must not stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended by itself is as good as one that is ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The port in a line that says where a server listens.
fn listens(line: &str) -> Option<u16> {
    let after = |words: &str| line.split_once(words).map(|(_, rest)| rest);
    let rest = after("listening at http://127.0.0.1:").or_else(|| after("listening on port "))?;
    let digits = rest.find(|other: char| !other.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{commands, free_port, listens};

    #[test]
    fn ports_are_found() {
        let line = r#"{"level":30,"msg":"Server listening at http://127.0.0.1:41235"}"#;
        assert_eq!(listens(line), Some(41235));
        assert_eq!(listens("listening on port 8080"), Some(8080));
        assert_eq!(listens("😄 started"), None);
    }

    #[test]
    fn a_block_has_commands_alone() {
        assert_eq!(commands(&["$ a b", "$ c"]).unwrap(), ["a b", "c"]);
        assert!(commands(&["$ a", "shown"]).is_err());
    }

    #[test]
    fn a_program_takes_another_port() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("server.ts");
        std::fs::write(&program, "const [file, port = '8080'] = [];").unwrap();
        assert_eq!(free_port(folder.path()).unwrap(), "8080");
        assert_eq!(std::fs::read_to_string(&program).unwrap(), "const [file, port = '0'] = [];");
        assert!(free_port(folder.path()).is_err(), "it has that port no more");
    }
}
