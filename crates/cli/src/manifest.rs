//! `plugwright manifest`.

use std::path::Path;

use anyhow::Context;
use plugwright::manifest::{self, InputKind, Manifest, WasmSource, looks_like};
use serde::Serialize;

use crate::args::{Global, ManifestCheckArgs};
use crate::errors::Failure;
use crate::{modules, output, source};

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
        check_files(&manifest)?;
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
    let files = if args.files { "; its files are there" } else { "" };
    let line = format!(
        "`{}` is a valid manifest in {format} with {modules} module{plural}{files}\n",
        path.display()
    );
    output::stdout(line.as_bytes())
}

pub(crate) fn schema() -> anyhow::Result<()> {
    output::json(&manifest::schema())
}

/// Checks that the files exist and have their hashes, and that the folders exist.
fn check_files(manifest: &Manifest) -> anyhow::Result<()> {
    for (index, wasm) in manifest.wasm.iter().enumerate() {
        if let WasmSource::Path(_) = wasm.source {
            modules::read(wasm).with_context(|| format!("wasm[{index}]"))?;
        }
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
