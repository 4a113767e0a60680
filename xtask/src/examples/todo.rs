//! The to-do service: what its README says is what happens, and a title that is SQL is a title.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::programs::{Program, free_port};
use super::{Example, Tools, blocks};
use crate::{built, repository};

const NAME: &str = "todo-service";

/// The port in the README. It may be taken on this machine.
const PORT: &str = "8080";

/// What would end the table if it became a part of a statement.
const INJECTION: &str = "'); DROP TABLE todo; --";

/// The example.
pub(super) fn example() -> Example {
    let folder = repository::root().join("examples").join(NAME);
    Example { name: NAME.to_owned(), folder }
}

/// Follows the README, then tries to inject SQL, and looks whether the list outlives the server.
///
/// # Errors
/// When a command fails, or something else is shown than the README says.
pub(crate) fn check() -> Result<()> {
    let tools = Tools::set_up()?;
    built::build()?;
    let example = example();
    let text = std::fs::read_to_string(example.folder.join("README.md"))?;
    let [commands] = &blocks(&text, "```sh")[..] else { anyhow::bail!("one `sh` block is needed") };
    let [shown] = &blocks(&text, "```json")[..] else { anyhow::bail!("one `json` block is needed") };
    let [build, serve, asked @ ..] = &commands[..] else { anyhow::bail!("a build and a server are needed") };
    ensure!(commands.len() <= 5, "a newcomer pastes five commands at most");

    example.remove_plugins()?;
    let mut shell = tools.building_shell()?;
    run(shell.current_dir(&example.folder), build)?;
    // Where the list is empty, and stays out of the checkout.
    let elsewhere = tempfile::tempdir()?;
    for name in ["todo.wasm", "plugwright.toml"] {
        std::fs::copy(example.folder.join(name), elsewhere.path().join(name))
            .with_context(|| format!("no {name}"))?;
    }
    let service = Service { tools, folder: elsewhere.path(), port: free_port()?.to_string() };

    let serve = serve.strip_suffix(" &").context("the server must not keep the terminal")?;
    let server = service.start(serve)?;
    ensure!(asked.len() == shown.len(), "each `curl` shows one line");
    for (command, line) in asked.iter().zip(shown) {
        let said = service.run(command)?;
        ensure!(said == *line, "`{command}` shows\n{said}\nand the README says\n{line}");
    }
    ensure!(text.contains(&format!("`{INJECTION}`")), "the README does not say what {INJECTION} is");
    service.check_injection()?;
    drop(server);

    let _again = service.start(serve)?;
    let all = service.list("")?;
    ensure!(all.as_array().is_some_and(|all| all.len() == 2), "the list did not outlive its server: {all}");
    service.curl("--request DELETE", "/todos/1")?;
    let all = service.list("")?;
    ensure!(all[0]["title"] == INJECTION, "the first is deleted, and the other stays: {all}");
    let missing = service.curl("--request DELETE --include", "/todos/1")?;
    ensure!(missing.starts_with("HTTP/1.1 404"), "what is deleted is gone: {missing}");
    println!("examples/{NAME}: as its README says");
    Ok(())
}

/// Where the service runs.
struct Service<'a> {
    tools: Tools,
    folder: &'a Path,
    port: String,
}

impl Service<'_> {
    fn shell(&self) -> Result<Command> {
        let mut shell = self.tools.shell()?;
        shell.current_dir(self.folder);
        Ok(shell)
    }

    fn start(&self, command: &str) -> Result<Program> {
        Program::start(self.shell()?, &format!("{command} --port {}", self.port))
    }

    /// What a command of the README shows.
    fn run(&self, command: &str) -> Result<String> {
        ensure!(command.contains(PORT), "`{command}` does not ask the server");
        run(&mut self.shell()?, &command.replace(PORT, &self.port))
    }

    fn curl(&self, arguments: &str, path: &str) -> Result<String> {
        self.run(&format!("curl {arguments} \"http://127.0.0.1:{PORT}{path}\""))
    }

    fn list(&self, query: &str) -> Result<Value> {
        Ok(serde_json::from_str(&self.curl("", &format!("/todos{query}"))?)?)
    }

    /// Sends SQL everywhere where a client can send something.
    fn check_injection(&self) -> Result<()> {
        let added: Value = serde_json::from_str(&self.curl(&format!("--data \"{INJECTION}\""), "/todos")?)?;
        ensure!(added == json!({"id": 2, "title": INJECTION, "done": false}), "it is no title: {added}");
        for (query, found) in [
            // `'); DROP TABLE todo; --`
            ("?search=%27)%3B%20DROP%20TABLE%20todo%3B%20--", 1),
            // `x' OR '1' = '1`
            ("?search=x%27%20OR%20%271%27%20%3D%20%271", 0),
            // What finds everything in a pattern: `%`, and `_`.
            ("?search=%25", 0),
            ("?search=_", 0),
            ("", 2),
        ] {
            let all = self.list(query)?;
            ensure!(all.as_array().is_some_and(|all| all.len() == found), "{query} found {all}");
        }
        // `1 OR 1=1`
        let refused = self.curl("--request POST --include", "/todos/1%20OR%201=1/done")?;
        ensure!(refused.starts_with("HTTP/1.1 404"), "{refused}");
        let all = self.list("")?;
        ensure!(all[1]["done"] == false, "more than one was marked: {all}");
        Ok(())
    }
}

/// What a command shows in its standard output.
fn run(shell: &mut Command, command: &str) -> Result<String> {
    let command = command.replace("curl ", "curl --silent --show-error ");
    let output = shell.arg("-c").arg(&command).output().context("cannot start a shell")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{command}` failed: {}\n{said}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}
