//! `plugwright compile`.

use std::path::Path;
use std::time::Instant;

use plugwright::{CompilationCache, PluginBuilder, Snapshot};
use serde::Serialize;

use crate::args::{CompileArgs, Global, ManifestFlag, SnapshotArgs};
use crate::progress::Spinner;
use crate::{output, source};

#[derive(Serialize)]
struct Compiled<'a> {
    file: &'a Path,
    size_bytes: u64,
}

pub(crate) fn run(args: &CompileArgs, global: &Global) -> anyhow::Result<()> {
    let mut builder = source::builder(&args.plugin, ManifestFlag::Absent, false)?;
    for (name, file) in &args.link {
        builder = builder.link(name, file.as_str());
    }
    if args.no_cache {
        builder = builder.cache(CompilationCache::Off);
    }
    if args.no_rewrite {
        builder = builder.rewrite(false);
    }
    if args.fuel {
        // How much there is of it is decided when the code is run.
        builder = builder.fuel(u64::MAX);
    }
    builder = with_snapshot(builder, &args.snapshot);
    let started = Instant::now();
    let spinner = Spinner::start(format!("compiling {}", args.plugin), global);
    let compiled = builder.precompile();
    drop(spinner);
    let code = compiled?;
    output::file(&args.output, &code)?;
    if global.json {
        return output::json(&Compiled { file: &args.output, size_bytes: code.len() as u64 });
    }
    let file = args.output.display();
    output::note(format_args!("wrote {} bytes to `{file}` in {:.1?}", code.len(), started.elapsed()), global);
    output::note(
        format_args!(
            "it holds code only, no settings; run it with `plugwright call --trust-compiled {file} FUNCTION`"
        ),
        global,
    );
    Ok(())
}

fn with_snapshot(builder: PluginBuilder, args: &SnapshotArgs) -> PluginBuilder {
    if !args.snapshot {
        return builder;
    }
    let mut snapshot = Snapshot::new().freeze(args.snapshot_freezes.iter().map(|name| (*name).into()));
    if let Some(timeout) = args.snapshot_timeout {
        snapshot = snapshot.timeout(timeout);
    }
    let builder = args.env.iter().fold(builder, |builder, (name, value)| builder.env(name, value));
    builder.snapshot(snapshot)
}
