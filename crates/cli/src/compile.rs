//! `plugwright compile`.

use std::path::Path;
use std::time::Instant;

use plugwright::CompilationCache;
use serde::Serialize;

use crate::args::{CompileArgs, Global, ManifestFlag};
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
    if args.fuel {
        // How much there is of it is decided when the code is run.
        builder = builder.fuel(u64::MAX);
    }
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
