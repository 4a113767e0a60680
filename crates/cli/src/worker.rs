//! `plugwright worker`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use plugwright::manifest::split_path_spec;
use plugwright::{CompilationCache, HostFunction, PluginBuilder, PluginSource};
use plugwright_remote::{CodeCache, Nats, Worker};
use plugwright_server::Limits;
use serde::Serialize;

use crate::args::{Global, LimitArgs, WorkerArgs};
use crate::capabilities::Stores;
use crate::errors::Failure;
use crate::progress::Spinner;
use crate::serve::Signals;
use crate::{call, config, nats, output, source};

/// What it serves, for programs.
#[derive(Serialize)]
struct Serving {
    plugins: BTreeMap<String, Option<Code>>,
}

/// What is published, for programs.
#[derive(Serialize)]
struct Code {
    sha256: String,
    number: u64,
}

pub(crate) fn run(args: &WorkerArgs, global: &Global) -> anyhow::Result<()> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    // Calls and messages have threads of their own.
    let runtime = runtime.worker_threads(1).enable_all().build().context("cannot start a thread")?;
    let plugins = named(&args.plugins)?;
    // Stores are opened here: that may wait, which has no place in a task.
    let served = plugins.keys().chain(&args.published).filter(|_| !args.publish);
    let settings = Settings::of(args, served)?;
    runtime.block_on(work(args, plugins, settings, global))
}

async fn work(
    args: &WorkerArgs,
    plugins: BTreeMap<String, String>,
    settings: Settings,
    global: &Global,
) -> anyhow::Result<()> {
    // From the start, so that no signal is missed.
    let mut signals = Signals::listen()?;
    let nats = nats::connect(&args.nats).await?;
    let spinner = Spinner::start("loading the plug-ins".to_owned(), global);
    if !args.no_store {
        for (name, plugin) in &plugins {
            let published =
                nats.store().publish(name, source(plugin)?).await.map_err(Failure::from_remote)?;
            output::note(
                format_args!("published `{name}`, number {}: {}", published.number, published.sha256),
                global,
            );
        }
    }
    if args.publish {
        drop(spinner);
        return Ok(());
    }
    let worker = start(args, &nats, settings, plugins).await;
    drop(spinner);
    let worker = worker?;
    announce(&worker, global)?;
    signals.stop().await;
    output::note("finishing the calls that run", global);
    let cut = tokio::select! {
        cut = worker.drain(args.work.shutdown_timeout) => cut,
        () = signals.stop() => {
            output::warning("cut what still ran, at the second signal");
            return Ok(());
        }
    };
    if cut > 0 {
        output::warning(format_args!("cut {cut} calls that did not end in --shutdown-timeout"));
    }
    Ok(())
}

async fn start(
    args: &WorkerArgs,
    nats: &Nats,
    settings: Settings,
    plugins: BTreeMap<String, String>,
) -> anyhow::Result<Worker> {
    let mut worker = nats.worker();
    if let Some(calls) = args.work.concurrency {
        worker = worker.concurrency(calls);
    }
    if let Some(calls) = args.work.queue {
        worker = worker.queue(calls);
    }
    if let Some(bytes) = args.work.input_max {
        worker = worker.max_input_bytes(bytes);
    }
    let max_bytes = args.work.code_cache_max.unwrap_or(CodeCache::MAX_BYTES);
    if let Some(folder) = CompilationCache::default_folder().filter(|_| max_bytes > 0) {
        worker = worker.code_cache(CodeCache::new(folder.join("published"), max_bytes));
    }
    let settings = Arc::new(settings);
    let configure = |name: &str| {
        let (settings, name) = (settings.clone(), name.to_owned());
        move |source| settings.apply(&name, PluginBuilder::new(source))
    };
    for (name, plugin) in plugins {
        worker = if args.no_store {
            let builder = settings.apply(&name, PluginBuilder::new(source(&plugin)?));
            worker.plugin(name, builder)
        } else {
            let configure = configure(&name);
            worker.published(name, configure)
        };
    }
    for name in &args.published {
        worker = worker.published(name, configure(name));
    }
    worker.start().await.map_err(Failure::from_remote)
}

fn announce(worker: &Worker, global: &Global) -> anyhow::Result<()> {
    let code = |name: &str| {
        let published = worker.published(name)?;
        Some(Code { sha256: published.sha256, number: published.number })
    };
    let plugins: BTreeMap<_, _> = worker.plugins().map(|name| (name.to_owned(), code(name))).collect();
    if global.json {
        let mut line =
            serde_json::to_vec(&Serving { plugins }).context("cannot write what is served as JSON")?;
        line.push(b'\n');
        return output::stdout(&line);
    }
    let names = plugins.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    output::note(format_args!("serving {names}"), global);
    Ok(())
}

/// Plug-ins by the name that they are served under.
fn named(plugins: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut named = BTreeMap::new();
    for plugin in plugins {
        let (name, plugin) = match plugin.split_once('=') {
            Some((name, plugin)) if !source::is_url(name) => (name.to_owned(), plugin),
            _ => {
                let stem = Path::new(plugin).file_stem().unwrap_or_default();
                (stem.to_string_lossy().into_owned(), plugin.as_str())
            }
        };
        if named.insert(name.clone(), plugin.to_owned()).is_some() {
            return Err(Failure::Usage(format!(
                "there are two plug-ins `{name}`; name one of them otherwise: NAME={plugin}"
            )));
        }
    }
    Ok(named)
}

/// The plug-in at a path or URL.
fn source(plugin: &str) -> anyhow::Result<PluginSource> {
    if source::is_url(plugin) {
        return Ok(plugin.into());
    }
    Ok(match source::read(Path::new(plugin))? {
        source::Content::Manifest(manifest) => (*manifest).into(),
        source::Content::Other(bytes) => bytes.into(),
        source::Content::Compiled(_) => {
            return Err(Failure::Usage(format!(
                "`{plugin}` is compiled code; serve what it was compiled from"
            ))
            .into());
        }
    })
}

/// What plug-ins may and how much, as the flags have it. They hold for all plug-ins of the worker.
struct Settings {
    config: Vec<(String, String)>,
    hosts: Vec<String>,
    paths: Vec<(String, PathBuf)>,
    wasi: bool,
    env: Vec<(String, String)>,
    arguments: Vec<String>,
    response_headers: bool,
    limits: LimitArgs,
    /// The functions that each plug-in is lent, by the name that it is served under.
    lent: BTreeMap<String, Vec<HostFunction>>,
}

impl Settings {
    /// Settings for plug-ins of these names.
    fn of<'a>(args: &WorkerArgs, served: impl Iterator<Item = &'a String>) -> anyhow::Result<Self> {
        let grants = &args.grants;
        let paths = grants.allow_path.iter().map(|spec| {
            let split = split_path_spec(spec);
            let (host, guest) =
                split.map_err(|error| Failure::Usage(format!("--allow-path {spec}: {error}")))?;
            Ok((host.to_owned(), guest))
        });
        let stores = Stores::of(&args.capabilities)?;
        let lent = served.map(|name| {
            let functions = stores.as_ref().map(|stores| stores.lend(name)).transpose()?;
            Ok((name.clone(), functions.unwrap_or_default()))
        });
        Ok(Self {
            config: config::collect(grants)?,
            hosts: grants.allow_host.clone(),
            paths: paths.collect::<Result<_, Failure>>()?,
            wasi: grants.wasi,
            env: grants.env.clone(),
            arguments: grants.arguments.clone(),
            response_headers: grants.allow_http_response_headers,
            limits: args.limits.clone(),
            lent: lent.collect::<Result<_, Failure>>()?,
        })
    }

    fn apply(&self, name: &str, mut builder: PluginBuilder) -> PluginBuilder {
        // Strangers call it: what `serve` has for limits, unless the flags say otherwise.
        if self.limits.timeout.is_none() {
            builder = builder.timeout(Limits::TIMEOUT);
        }
        builder = builder
            .memory_max_pages(Limits::MAX_PAGES)
            .max_output_bytes(Limits::MAX_OUTPUT_BYTES)
            .max_log_bytes(Limits::MAX_LOG_BYTES);
        builder =
            call::limits(builder, &self.limits).wasi(self.wasi).http_response_headers(self.response_headers);
        for (key, value) in &self.config {
            builder = builder.config(key, value);
        }
        for host in &self.hosts {
            builder = builder.allow_host(host);
        }
        for (host, guest) in &self.paths {
            builder = builder.allow_path(host, guest);
        }
        for (name, value) in &self.env {
            builder = builder.env(name, value);
        }
        if !self.arguments.is_empty() {
            // The first is the program's name, for which there is no file where code is published.
            builder =
                self.arguments.iter().fold(builder.arg(name), |builder, argument| builder.arg(argument));
        }
        builder.host_functions(self.lent.get(name).into_iter().flatten().cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugins_have_names() {
        let words =
            ["a/greet.wasm", "other=b/greet.wasm", "https://example.com/x.wasm?a=b"].map(str::to_owned);
        let named = named(&words).unwrap();
        let names: Vec<(&str, &str)> =
            named.iter().map(|(name, plugin)| (name.as_str(), plugin.as_str())).collect();
        assert_eq!(
            names,
            [("greet", "a/greet.wasm"), ("other", "b/greet.wasm"), ("x", "https://example.com/x.wasm?a=b")]
        );
        assert!(super::named(&["greet.wasm".to_owned(), "b/greet.wat".to_owned()]).is_err());
    }
}
