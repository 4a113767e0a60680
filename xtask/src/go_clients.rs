//! The Go SDK as its users see it: the conformance cases, programs for the public SDK with ours in its place, the example hosts.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::examples::{Exchange, Server, blocks};
use crate::go_sdk::{check_sources, native, staticcheck};
use crate::toolchain::Go;
use crate::{process, repository};

/// The modules, relative to the root of the checkout.
const MODULES: [&str; 3] = ["sdks/go/compat", "conformance/go", "benches/clients/go"];

/// Those with a README to follow.
const EXAMPLES: [&str; 3] = ["examples/go-article", "examples/go-cli", "examples/go-http-fiber"];

/// Checks the sources, runs the tests with the guests that are built, and follows the READMEs of the examples.
///
/// # Errors
/// When a tool cannot be installed, something fails, or a command shows something else than a README says.
pub(crate) fn check() -> Result<()> {
    let cache = Cache::open()?;
    let go = Go::set_up(&cache)?;
    let linter = staticcheck(&cache, &go)?;
    for folder in MODULES.iter().chain(&EXAMPLES) {
        let module = repository::root().join(folder);
        check_sources(&go, &linter, &module)?;
        let mut test = native(&go, &module);
        test.args(["test", "./..."]).env("PLUGWRIGHT_WAZERO_CACHE", cache.scratch("wazero"));
        process::run(&mut test)?;
    }
    for folder in EXAMPLES {
        follow(&go, folder).with_context(|| format!("{folder}/README.md"))?;
        println!("{folder}: as its README says");
    }
    Ok(())
}

fn follow(go: &Go, folder: &str) -> Result<()> {
    let readme = fs::read_to_string(repository::root().join(folder).join("README.md"))?;
    let run = |exchanges: Vec<Exchange>| {
        exchanges.iter().try_for_each(|exchange| exchange.check(shell(go, folder)?))
    };
    let consoles = blocks(&readme, "```console");
    let (last, before) = consoles.split_last().context("there are no `console` blocks")?;
    before.iter().try_for_each(|block| run(Exchange::parse_all(block)?))?;
    let last = Exchange::parse_all(last)?;
    match blocks(&readme, "```sh").first() {
        // The last block talks to what this one starts.
        Some(command) => {
            let server = Server::start(shell(go, folder)?, &command.join("\n"))?;
            run(server.moved(last))
        }
        None => run(last),
    }
}

/// A shell in the folder, which finds Go.
fn shell(go: &Go, folder: &str) -> Result<Command> {
    let others = env::var_os("PATH").unwrap_or_default();
    let own = go.folder().map(Path::to_path_buf);
    let mut shell = repository::command("sh");
    shell.current_dir(repository::root().join(folder));
    shell.env("PATH", env::join_paths(own.into_iter().chain(env::split_paths(&others)))?);
    shell.env("GOTOOLCHAIN", "local").env("GOWORK", "off");
    Ok(shell)
}
