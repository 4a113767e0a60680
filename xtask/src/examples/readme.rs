//! The README of an example.

use anyhow::{Result, ensure};

use super::exchange::Exchange;

/// What the README of an example tells to do.
#[derive(Debug)]
pub(crate) struct Readme {
    /// The first console block: `plugwright build`.
    pub(crate) build: Vec<Exchange>,
    /// The second one: `plugwright inspect`.
    pub(crate) inspect: Vec<Exchange>,
    /// What is to be started in another terminal before calls: a block of shell commands.
    pub(crate) server: Option<String>,
    /// The third console block: a call, or one for each function.
    pub(crate) call: Vec<Exchange>,
}

impl Readme {
    /// Reads the README's blocks.
    ///
    /// # Errors
    /// When there are other blocks than the three of a console and that of a server, or they hold other commands.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let consoles = blocks(text, "```console");
        ensure!(consoles.len() == 3, "three `console` blocks are needed: build, inspect, call");
        let servers = blocks(text, "```sh");
        ensure!(servers.len() <= 1, "one `sh` block at most is possible: the server for the calls");

        let [build, inspect, call] = [0, 1, 2].map(|index| Exchange::parse_all(&consoles[index]));
        let (build, inspect, call) = (build?, inspect?, call?);
        for (step, start) in [(&build, "plugwright build "), (&inspect, "plugwright inspect ")] {
            let [exchange] = &step[..] else { anyhow::bail!("one `{start}` is needed, and nothing else") };
            ensure!(exchange.command.starts_with(start), "`{}` must be a `{start}`", exchange.command);
        }
        ensure!(!call.is_empty(), "the third block must call the plug-in");
        Ok(Self { build, inspect, server: servers.first().map(|lines| lines.join("\n")), call })
    }
}

/// The lines of each block that starts with the line `fence`.
pub(crate) fn blocks<'a>(text: &'a str, fence: &str) -> Vec<Vec<&'a str>> {
    let mut lines = text.lines();
    let mut blocks = Vec::new();
    while lines.any(|line| line == fence) {
        blocks.push(lines.by_ref().take_while(|line| *line != "```").collect());
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::Readme;

    const BUILD: &str = "```console\n$ plugwright build a\n…\n```\n";
    const INSPECT: &str = "```console\n$ plugwright inspect a.wasm\n…\n```\n";
    const SERVER: &str = "```sh\nserve 8000\n```\n";
    const CALL: &str = "```console\n$ plugwright call a.wasm f\n1\n$ plugwright call a.wasm g\n2\n```\n";

    #[test]
    fn the_blocks_are_found() {
        let readme = Readme::parse(&["# A\n\n", BUILD, "Text.\n", INSPECT, SERVER, CALL].concat()).unwrap();
        assert_eq!(readme.build[0].command, "plugwright build a");
        assert_eq!(readme.inspect[0].shown, ["…"]);
        assert_eq!(readme.server.as_deref(), Some("serve 8000"));
        assert_eq!(readme.call[1].shown, ["2"]);
    }

    #[test]
    fn a_server_is_optional() {
        assert_eq!(Readme::parse(&[BUILD, INSPECT, CALL].concat()).unwrap().server, None);
    }

    #[test]
    fn another_form_is_an_error() {
        for blocks in [
            &[BUILD, INSPECT][..],
            &[BUILD, INSPECT, CALL, CALL],
            &[INSPECT, BUILD, CALL],
            &[BUILD, CALL, CALL],
            &[BUILD, INSPECT, "```console\n```\n"],
            &[BUILD, INSPECT, SERVER, SERVER, CALL],
        ] {
            assert!(Readme::parse(&blocks.concat()).is_err(), "{blocks:?}");
        }
    }
}
