//! The servers that are loaded, each a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path as File;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::bench::http::Path;
use crate::cache::Cache;
use crate::toolchain::Npm;
use crate::{built, files, link_folder, repository};

/// What is measured by.
const SOURCES: &str = "benches/http";

/// A server; dropping this ends it.
struct Server {
    child: Child,
    url: String,
}

/// All of them.
pub(super) struct Servers {
    ours: Server,
    bare: Server,
    fastify: Server,
}

impl Servers {
    /// Builds and starts them.
    ///
    /// # Errors
    /// When one cannot be built, or ends before it listens.
    pub(super) fn start() -> Result<Self> {
        let built = built::build_release(&["plugwright-cli", "bare-http"])?;
        let root = repository::root();
        let mut ours = Command::new(built.join("plugwright"));
        ours.args(["serve", "--json", "--no-watch"]).arg(root.join(SOURCES).join("plugwright.toml"));
        let mut bare = Command::new(built.join("bare-http"));
        bare.arg(root.join("benches/guests/bare_echo.wat"));
        let mut fastify = fastify(&root.join(SOURCES))?;
        fastify.arg(root.join("guests/build/rust_echo.wasm")).arg("echo");
        Ok(Self {
            ours: Server::start(&mut ours).context("plugwright serve")?,
            bare: Server::start(&mut bare).context("the bare server")?,
            fastify: Server::start(&mut fastify).context("the server by Fastify")?,
        })
    }

    /// The URL of a path.
    pub(super) fn url(&self, path: Path) -> String {
        match path {
            Path::Bare => format!("{}/", self.bare.url),
            Path::Fastify => format!("{}/", self.fastify.url),
            Path::Ours(path) => format!("{}{path}", self.ours.url),
        }
    }
}

impl Server {
    /// Starts one that prints where it listens: as JSON, or the port.
    fn start(command: &mut Command) -> Result<Self> {
        // It makes libraries in Rust capture a backtrace with each error.
        let child = command.env_remove("RUST_BACKTRACE").stdout(Stdio::piped()).spawn()?;
        let mut server = Self { child, url: String::new() };
        let output = server.child.stdout.take().context("it has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line).with_context(|| format!("it printed {line:?}"))?;
        server.url = match (&said, &said["url"]) {
            (Value::Number(port), _) => format!("http://127.0.0.1:{port}"),
            (_, Value::String(url)) => url.clone(),
            _ => anyhow::bail!("it printed {line:?}"),
        };
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has answered what it is asked for; one that has ended already cannot be ended again.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The server by Fastify, in a folder where it finds its packages.
fn fastify(sources: &File) -> Result<Command> {
    let npm = Npm::set_up(&Cache::open()?, "http-benchmarks", sources)?;
    let staged = repository::target().join("http-benchmarks");
    files::empty_folder(&staged)?;
    files::copy_all(sources, &staged)?;
    link_folder::link_each(npm.modules(), &staged.join("node_modules"))?;
    let mut node = Command::new("node");
    node.arg(staged.join("server.js")).env_remove("NODE_OPTIONS").env("NODE_NO_WARNINGS", "1");
    Ok(node)
}
