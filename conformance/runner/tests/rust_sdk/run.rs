//! One case, run by the Rust SDK.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use plugwright::{
    CompiledPlugin, Error, ErrorKind, LogLevel as SdkLevel, Plugin, PluginBuilder, Stdio as SdkStdio,
};
use plugwright_conformance::{
    Case, Failure, LogLevel, LogLine, Options, Outcome, Source, Stdio, Step, World, check_load_error,
    check_step,
};

use crate::functions::Shared;

/// The messages of the call in progress.
type Logs = Arc<Mutex<Vec<LogLine>>>;

/// Runs a case, on plug-ins that are rewritten or as they are, and says what went wrong, if anything did.
pub(crate) fn run(case: &Case, world: &World, rewrite: bool) -> Result<(), String> {
    world.create(&case.files).map_err(|error| format!("cannot create the case's files: {error}"))?;
    let shared = Shared::of(case);
    let logs = Logs::default();
    let compiled = builder(case, world, &shared, &logs)?.rewrite(rewrite).compile();
    check_load_error(case.load_error.as_ref(), compiled.as_ref().err().map(failure).as_ref())?;
    match compiled {
        Ok(compiled) => run_live(case, &compiled, &shared, &logs),
        Err(_) => Ok(()),
    }
}

/// Runs the steps on each of as many plug-ins as the case wants alive.
fn run_live(case: &Case, compiled: &CompiledPlugin, shared: &Shared, logs: &Logs) -> Result<(), String> {
    let mut alive = Vec::new();
    for index in 1..=case.live_plugins {
        let mut plugin =
            compiled.instantiate().map_err(|error| format!("plug-in {index} cannot be made: {error}"))?;
        *shared.cancel.lock().unwrap() = Some(plugin.cancel_handle());
        run_steps(&case.steps, &mut plugin, logs).map_err(|problem| format!("plug-in {index}, {problem}"))?;
        alive.push(plugin);
    }
    Ok(())
}

fn run_steps(steps: &[Step], plugin: &mut Plugin, logs: &Logs) -> Result<(), String> {
    for (index, step) in steps.iter().enumerate() {
        let input = step.input()?;
        for _ in 0..step.repeat {
            let outcome = call(plugin, &step.function, &input, logs);
            check_step(step, &outcome)
                .map_err(|problem| format!("step {index}, function `{}`: {problem}", step.function))?;
        }
    }
    Ok(())
}

fn call(plugin: &mut Plugin, function: &str, input: &[u8], logs: &Logs) -> Outcome {
    logs.lock().unwrap().clear();
    let result = plugin.call::<_, Vec<u8>>(function, input);
    Outcome {
        result: result.map_err(|error| failure(&error)),
        logs: Some(std::mem::take(&mut *logs.lock().unwrap())),
        stdout: Some(plugin.take_stdout()),
        stderr: Some(plugin.take_stderr()),
    }
}

fn builder(case: &Case, world: &World, shared: &Shared, logs: &Logs) -> Result<PluginBuilder, String> {
    let builder = match case.source()? {
        Source::Guest(guest) => Plugin::builder(world.guest(&guest)),
        Source::Bytes(bytes) => Plugin::builder(bytes),
    };
    let functions = case.host_functions.iter().map(|asked| shared.function(asked));
    let builder = configure(builder, &case.options).host_functions(functions);
    Ok(log_to(builder, case.options.log_level, logs))
}

fn configure(mut builder: PluginBuilder, options: &Options) -> PluginBuilder {
    let Options { config, allowed_hosts, allowed_paths, env, args, memory, .. } = options;
    builder = builder.wasi(options.wasi).http_response_headers(options.http_response_headers);
    builder = config.iter().fold(builder, |builder, (key, value)| builder.config(key, value));
    builder = allowed_hosts.iter().fold(builder, PluginBuilder::allow_host);
    builder = allowed_paths.iter().fold(builder, |builder, (host, guest)| builder.allow_path(host, guest));
    builder = env.iter().fold(builder, |builder, (name, value)| builder.env(name, value));
    builder = args.iter().fold(builder, PluginBuilder::arg);
    if let Some(text) = &options.stdin {
        builder = builder.stdin(text.as_bytes());
    }
    if options.stdio == Stdio::Capture {
        builder = builder.stdout(SdkStdio::Capture).stderr(SdkStdio::Capture);
    }
    let limited = |builder, limit: Option<u64>, set: fn(PluginBuilder, u64) -> PluginBuilder| match limit {
        Some(limit) => set(builder, limit),
        None => builder,
    };
    builder = limited(builder, options.fuel, PluginBuilder::fuel);
    builder = limited(builder, options.max_log_bytes, PluginBuilder::max_log_bytes);
    builder = limited(builder, options.max_output_bytes, PluginBuilder::max_output_bytes);
    builder = limited(builder, memory.max_var_bytes, PluginBuilder::max_var_bytes);
    builder = limited(builder, memory.max_http_response_bytes, PluginBuilder::max_http_response_bytes);
    builder = limited(builder, options.timeout_ms, |builder, ms| builder.timeout(Duration::from_millis(ms)));
    match memory.max_pages {
        Some(pages) => builder.memory_max_pages(pages),
        None => builder,
    }
}

/// Collects the messages from `least` on. Nobody listens to `tracing` in these tests, so without a callback logging is off.
fn log_to(builder: PluginBuilder, least: LogLevel, logs: &Logs) -> PluginBuilder {
    let least = match least {
        LogLevel::Trace => SdkLevel::Trace,
        LogLevel::Debug => SdkLevel::Debug,
        LogLevel::Info => SdkLevel::Info,
        LogLevel::Warn => SdkLevel::Warn,
        LogLevel::Error => SdkLevel::Error,
        LogLevel::Off => return builder,
    };
    let logs = logs.clone();
    builder.log_level(least).on_log(move |record| {
        let level = match record.level {
            SdkLevel::Trace => LogLevel::Trace,
            SdkLevel::Debug => LogLevel::Debug,
            SdkLevel::Info => LogLevel::Info,
            SdkLevel::Warn => LogLevel::Warn,
            SdkLevel::Error => LogLevel::Error,
        };
        logs.lock().unwrap().push(LogLine { level, message: record.message.to_owned() });
    })
}

fn failure(error: &Error) -> Failure {
    let (code, message) = match error.kind() {
        ErrorKind::Guest { code, message } => (Some(*code), message.clone()),
        ErrorKind::Exit(code) => (Some(*code), error.to_string()),
        _ => (None, error.to_string()),
    };
    Failure { kind: error.kind().name().to_owned(), code, message }
}
