//! The temperature alarm on MQTT: what its README says is what happens, with a real broker.

use std::fs;
use std::io::BufRead;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::programs::{Program, free_port, shell};
use super::{Exchange, blocks};
use crate::{brokers, built, process, repository};

const FOLDER: &str = "examples/mqtt-temperature-alarm";

/// The ports in the README and the configuration. They may be taken on this machine.
const PORTS: [&str; 2] = ["1883", "8080"];

/// What is shown for the reading in the README.
const ALARM: &str = r#"home/alarm/kitchen {"room":"kitchen","celsius":91,"limit":60}"#;

/// How often a reading is sent until it is shown, and how long each time is waited: whoever subscribes has to be there first.
const TRIES: (u32, Duration) = (60, Duration::from_secs(1));

/// Follows the README in a copy of the folder.
///
/// # Errors
/// When a program cannot be started, or something else is shown than the README says.
pub(crate) fn check() -> Result<()> {
    brokers::set_up()?;
    built::build()?;
    let work = tempfile::tempdir()?;
    let text = elsewhere(work.path())?;
    ensure!(text.contains(ALARM), "the README does not show `{ALARM}`");
    let consoles = blocks(&text, "```console");
    let commands: Vec<String> =
        Exchange::parse_all(&consoles[0])?.into_iter().map(|exchange| exchange.command).collect();
    let [broker, build, serve, listen, publish] = &commands[..] else {
        bail!("the README has five commands")
    };
    let shell = || in_folder(work.path());
    let _broker = Program::start(shell()?, broker)?;
    process::run(shell()?.args(["-c", build]))?;
    let host = Program::start(shell()?, serve)?;
    let (_listener, shown) = Program::showing(shell()?, listen)?;
    let (sender, lines) = channel();
    // It ends with the program.
    thread::spawn(move || shown.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let example = Example { lines, shell: &shell };
    example.publish_until(publish, ALARM).context("a reading that is too hot")?;
    let wrong = publish.replace(r#"{"celsius": 91}"#, "hot");
    ensure!(wrong != *publish, "the README publishes another reading");
    example.publish_until(&wrong, "dead/temperature hot").context("what is no reading")?;
    // What is published while nobody serves is handled later.
    drop(host);
    let later = publish.replace("kitchen", "attic");
    process::run(shell()?.args(["-c", &later]))?;
    let _host = Program::start(shell()?, serve)?;
    ensure!(example.shows(&ALARM.replace("kitchen", "attic"), TRIES.1 * TRIES.0)?, "the broker kept nothing");
    println!("{FOLDER}: as its README says");
    Ok(())
}

/// What the listener of the README shows, and where commands are typed.
struct Example<'a> {
    lines: Receiver<String>,
    shell: &'a dyn Fn() -> Result<Command>,
}

impl Example<'_> {
    /// Publishes until the listener shows this.
    fn publish_until(&self, publish: &str, line: &str) -> Result<()> {
        for _ in 0..TRIES.0 {
            process::run((self.shell)()?.args(["-c", publish]))?;
            if self.shows(line, TRIES.1)? {
                return Ok(());
            }
        }
        bail!("`{line}` is not shown after `{publish}`")
    }

    /// Whether the listener shows this within the time. Other lines are those of readings that were sent twice.
    fn shows(&self, line: &str, patience: Duration) -> Result<bool> {
        loop {
            match self.lines.recv_timeout(patience) {
                Ok(shown) if shown == line => return Ok(true),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return Ok(false),
                Err(RecvTimeoutError::Disconnected) => bail!("the listener has ended"),
            }
        }
    }
}

/// A copy of the folder with free ports, and its README.
fn elsewhere(folder: &Path) -> Result<String> {
    let example = repository::root().join(FOLDER);
    let mut ports = Vec::new();
    for port in PORTS {
        ports.push((port, free_port()?.to_string()));
    }
    for name in ["README.md", "alarm.ts", "plugwright.toml"] {
        let mut text = fs::read_to_string(example.join(name)).with_context(|| format!("{FOLDER}/{name}"))?;
        for (port, free) in &ports {
            text = text.replace(port, free);
        }
        fs::write(folder.join(name), text)?;
    }
    // Commands without a port mean the usual one.
    for program in ["mosquitto_sub", "mosquitto_pub"] {
        fs::write(folder.join(program), format!("-p {}\n", ports[0].1))?;
    }
    Ok(fs::read_to_string(folder.join("README.md"))?)
}

/// A shell in the copy, whose clients of MQTT know the broker's port.
fn in_folder(folder: &Path) -> Result<Command> {
    let mut shell = shell(folder)?;
    shell.env("XDG_CONFIG_HOME", folder);
    Ok(shell)
}
