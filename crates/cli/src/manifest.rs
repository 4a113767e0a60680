//! `plugwright manifest`.

use std::path::Path;

use anyhow::Context;
use plugwright::PluginSource;
use plugwright::manifest::{self, InputKind, Manifest, looks_like};
use serde::Serialize;

use crate::args::{Global, ManifestCheckArgs};
use crate::errors::Failure;
use crate::progress::Spinner;
use crate::{output, source};

#[derive(Serialize)]
struct Checked<'a> {
    valid: bool,
    file: &'a Path,
    format: &'static str,
    modules: usize,
    files_checked: bool,
}

pub(crate) fn check(args: &ManifestCheckArgs, global: &Global) -> anyhow::Result<()> {
    let path = &args.file;
    let bytes = source::read_bytes(path)?;
    let manifest = source::parse_manifest(path, &bytes)?;
    if args.files {
        let spinner = Spinner::start(format!("reading the modules of {}", path.display()), global);
        let checked = check_files(&manifest);
        drop(spinner);
        checked?;
    }
    let format = if looks_like(&bytes) == InputKind::JsonManifest { "JSON" } else { "TOML" };
    let modules = manifest.wasm.len();
    if global.json {
        return output::json(&Checked {
            valid: true,
            file: path,
            format,
            modules,
            files_checked: args.files,
        });
    }
    let plural = if modules == 1 { "" } else { "s" };
    let files = if args.files { "; its modules and folders are there" } else { "" };
    let line = format!(
        "`{}` is a valid manifest in {format} with {modules} module{plural}{files}\n",
        path.display()
    );
    output::stdout(line.as_bytes())
}

pub(crate) fn schema() -> anyhow::Result<()> {
    output::json(&manifest::schema())
}

/// Checks that the modules can be read and have their hashes, and that the folders exist.
fn check_files(manifest: &Manifest) -> anyhow::Result<()> {
    for (index, wasm) in manifest.wasm.iter().enumerate() {
        PluginSource::from(wasm.clone()).read().with_context(|| format!("wasm[{index}]"))?;
    }
    for path in manifest.paths()? {
        if !path.host.is_dir() {
            return Err(Failure::Usage(format!(
                "allowed_paths: `{}` is not a folder; create it, or correct the path",
                path.host.display()
            ))
            .into());
        }
    }
    Ok(())
}
