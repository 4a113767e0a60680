//! `plugwright new`.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use crate::args::{Global, NewArgs};
use crate::errors::Failure;
use crate::language::Language;
use crate::output;

mod name;
mod pdk;
mod template;

#[derive(Serialize)]
struct Created<'a> {
    folder: &'a Path,
    name: &'a str,
    language: Language,
    files: Vec<String>,
}

pub(crate) fn run(args: &NewArgs, global: &Global) -> anyhow::Result<()> {
    let folder = &*args.folder;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    name::check(&name).map_err(|bad| Failure::Usage(bad.to_string()))?;
    check_free(folder)?;

    let project = template::files(&name, args.lang, args.with_host_fn);
    let project = project.iter().map(|(path, text)| ((*path).to_owned(), text.as_str()));
    let kit = pdk::files(args.lang).map(|(path, text)| (format!("pdk/{path}"), text));
    let mut files = Vec::new();
    for (path, text) in project.chain(kit) {
        write(&folder.join(&path), text)?;
        files.push(path);
    }
    if global.json {
        return output::json(&Created { folder, name: &name, language: args.lang, files });
    }
    let folder = folder.display();
    output::note(
        format_args!("wrote {} files to `{folder}`; `{folder}/README.md` says how to go on", files.len()),
        global,
    );
    output::note(format_args!("begin with: cd {folder} && plugwright build"), global);
    Ok(())
}

/// Makes sure that there is nothing in the folder that could be lost.
fn check_free(folder: &Path) -> anyhow::Result<()> {
    let shown = folder.display();
    if !folder.exists() {
        return Ok(());
    }
    if !folder.is_dir() {
        return Err(Failure::Usage(format!("`{shown}` is a file already; choose another name")).into());
    }
    let mut entries = fs::read_dir(folder).with_context(|| format!("cannot read the folder `{shown}`"))?;
    if entries.next().is_some() {
        let message = format!("the folder `{shown}` is not empty, and stays as it is; choose another name");
        return Err(Failure::Usage(message).into());
    }
    Ok(())
}

/// Writes a file that is not there yet.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("cannot write `{}`", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).with_context(cannot)?;
    file.write_all(text.as_bytes()).with_context(cannot)
}
