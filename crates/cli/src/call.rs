//! `plugwright call`.

use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use plugwright::manifest::split_path_spec;
use plugwright::{CompilationCache, MAX_CAPTURED_BYTES, Plugin, PluginBuilder, Stdio};

use crate::args::{CallArgs, DiagnosisArgs, Global, GrantArgs, InputArgs, LimitArgs, Target};
use crate::capabilities::{self, Stores};
use crate::errors::Failure;
use crate::progress::Spinner;
use crate::{config, output, source};

/// The function of a WASI command.
const COMMAND: &str = "_start";

pub(crate) fn run(args: &CallArgs, global: &Global) -> anyhow::Result<()> {
    let target = args.target()?;
    // There will be one instance.
    let mut builder = source::builder(&target.plugin, target.manifest, args.trust_compiled)?.pooling(false);
    for (name, file) in &args.link {
        builder = builder.link(name, file.as_str());
    }
    builder = grants(builder, &args.grants, &target, global)?;
    if let Some(stores) = Stores::of(&args.capabilities)? {
        builder = builder.host_functions(stores.lend(&capabilities::name_of(&target.plugin))?);
    }
    builder = limits(builder, &args.limits);
    builder = diagnosis(builder, &args.diagnosis);
    if args.input.stdin && target.function == COMMAND {
        builder = builder.inherit_stdin();
    }

    let started = Instant::now();
    let spinner = Spinner::start(format!("loading {}", target.plugin), global);
    let built = builder.build();
    drop(spinner);
    let mut plugin = built?;
    if global.verbose {
        output::note(format_args!("loaded `{}` in {:.1?}", plugin.name(), started.elapsed()), global);
    }

    let input = input(&args.input, &target.function)?;
    let called = calls(&mut plugin, &target.function, &input, &args.input, global);
    let captured = plugin.take_stdout();
    if !captured.is_empty() {
        pass_on(&captured);
    }
    write_dumps(&mut plugin, &args.diagnosis, called.is_err());
    called?;
    match &args.input.output {
        Some(path) => output::file(path, plugin.output()),
        None if args.input.loop_.is_some() => Ok(()),
        None => output::stdout(plugin.output()),
    }
}

fn grants(
    mut builder: PluginBuilder,
    args: &GrantArgs,
    target: &Target,
    global: &Global,
) -> anyhow::Result<PluginBuilder> {
    for (key, value) in config::collect(args)? {
        builder = builder.config(key, value);
    }
    for host in &args.allow_host {
        builder = builder.allow_host(host);
    }
    for spec in &args.allow_path {
        let (host, guest) =
            split_path_spec(spec).map_err(|error| Failure::Usage(format!("--allow-path {spec}: {error}")))?;
        builder = builder.allow_path(host, guest);
    }
    builder = builder.http_response_headers(args.allow_http_response_headers);
    if !args.wasi {
        return Ok(builder);
    }
    builder = builder.wasi(true).stderr(if global.quiet { Stdio::Closed } else { Stdio::Inherit });
    let is_command = target.function == COMMAND;
    builder = builder.stdout(if is_command {
        Stdio::Inherit
    } else if global.quiet {
        Stdio::Closed
    } else {
        Stdio::Capture
    });
    for (name, value) in &args.env {
        builder = builder.env(name, value);
    }
    if is_command || !args.arguments.is_empty() {
        let file = Path::new(&target.plugin).file_name().unwrap_or_default();
        builder = builder.arg(file.to_string_lossy());
    }
    for argument in &args.arguments {
        builder = builder.arg(argument);
    }
    Ok(builder)
}

pub(crate) fn limits(mut builder: PluginBuilder, args: &LimitArgs) -> PluginBuilder {
    if let Some(timeout) = args.timeout.filter(|timeout| *timeout > Duration::ZERO) {
        builder = builder.timeout(timeout);
    }
    if let Some(pages) = args.memory_max_pages {
        builder = builder.memory_max_pages(pages);
    }
    if let Some(bytes) = args.http_response_max.and_then(|limit| limit.0) {
        builder = builder.max_http_response_bytes(bytes);
    }
    if let Some(bytes) = args.var_max.and_then(|limit| limit.0) {
        builder = builder.max_var_bytes(bytes);
    }
    if let Some(bytes) = args.log_max {
        builder = builder.max_log_bytes(bytes);
    }
    if let Some(bytes) = args.output_max {
        builder = builder.max_output_bytes(bytes);
    }
    if let Some(units) = args.fuel {
        builder = builder.fuel(units);
    }
    builder
}

fn diagnosis(mut builder: PluginBuilder, args: &DiagnosisArgs) -> PluginBuilder {
    if let Some(profiler) = args.profile {
        builder = builder.profiler(profiler.into());
    }
    if args.no_cache {
        builder = builder.cache(CompilationCache::Off);
    }
    if args.no_rewrite {
        builder = builder.rewrite(false);
    }
    if args.coredump.is_some() {
        builder = builder.keep_coredump(true);
    }
    if args.memory_dump.is_some() {
        builder = builder.keep_memory(true);
    }
    builder
}

fn input(args: &InputArgs, function: &str) -> anyhow::Result<Vec<u8>> {
    if let Some(text) = &args.input {
        return Ok(text.clone().into_bytes());
    }
    if let Some(path) = &args.input_file {
        return std::fs::read(path).with_context(|| format!("cannot read the input `{}`", path.display()));
    }
    let mut bytes = Vec::new();
    // A command reads standard input itself, as much of it as it wants.
    if args.stdin && function != COMMAND {
        io::stdin().lock().read_to_end(&mut bytes).context("cannot read the input from standard input")?;
    }
    Ok(bytes)
}

/// Makes all calls, up to the first that fails.
fn calls(
    plugin: &mut Plugin,
    function: &str,
    input: &[u8],
    args: &InputArgs,
    global: &Global,
) -> anyhow::Result<()> {
    let count = args.loop_.unwrap_or(args.repeat);
    let (mut fastest, mut slowest, mut total) = (Duration::MAX, Duration::ZERO, Duration::ZERO);
    for _ in 0..count {
        let started = Instant::now();
        let called = plugin.call(function, input);
        let elapsed = started.elapsed();
        let result: &[u8] = called?;
        if args.loop_.is_some() {
            output::stdout(result)?;
            if count > 1 {
                output::stdout(b"\n")?;
            }
        }
        fastest = fastest.min(elapsed);
        slowest = slowest.max(elapsed);
        total += elapsed;
    }
    if global.verbose {
        if count == 1 {
            output::note(format_args!("called `{function}` in {total:.1?}"), global);
        } else {
            let mean = total / count;
            output::note(
                format_args!(
                    "called `{function}` {count} times in {total:.1?}: fastest {fastest:.1?}, mean {mean:.1?}, slowest {slowest:.1?}"
                ),
                global,
            );
        }
        if let Some(fuel) = plugin.fuel_consumed() {
            output::note(format_args!("the last call used {fuel} units of fuel"), global);
        }
    }
    Ok(())
}

/// Passes what the plug-in wrote to its standard output to our standard error, as it is.
fn pass_on(captured: &[u8]) {
    // Without standard error nobody wants to know.
    let _ = io::Write::write_all(&mut io::stderr().lock(), captured);
    if captured.len() >= MAX_CAPTURED_BYTES {
        output::warning(format_args!(
            "dropped what the plug-in wrote to its standard output beyond {MAX_CAPTURED_BYTES} bytes"
        ));
    }
}

/// Writes the dumps that were asked for. That one cannot be written does not change the result of the call.
fn write_dumps(plugin: &mut Plugin, args: &DiagnosisArgs, failed: bool) {
    if let Some(path) = &args.memory_dump {
        let memory = plugin.linear_memory().or_else(|| plugin.post_mortem().memory.clone());
        let none = "the plug-in exports no memory as `memory`, or did not get so far as to have one";
        write_dump("memory dump", path, memory.as_deref(), none);
    }
    if let Some(path) = &args.coredump
        && failed
    {
        write_dump("core dump", path, plugin.post_mortem().coredump.as_deref(), "the plug-in did not trap");
    }
}

fn write_dump(what: &str, path: &Path, bytes: Option<&[u8]>, none: &str) {
    let Some(bytes) = bytes else { return output::warning(format_args!("no {what}: {none}")) };
    if let Err(error) = output::file(path, bytes) {
        output::warning(format_args!("no {what}: {error:#}"));
    }
}
