//! The library's errors in the terms of the command line.

use plugwright::{Error, ErrorKind, MissingImport, SystemInput};

use crate::capabilities;

/// The module of WASI's imports.
const WASI: &str = "wasi_snapshot_preview1";

/// One line that says what happened to whom, and what to do.
pub(super) fn line(error: &Error) -> String {
    let message = message(error);
    match (error.plugin(), error.function()) {
        (Some(plugin), Some(function)) => format!("plug-in `{plugin}`, function `{function}`: {message}"),
        (Some(plugin), None) => format!("plug-in `{plugin}`: {message}"),
        (None, Some(function)) => format!("function `{function}`: {message}"),
        (None, None) => message,
    }
}

/// What happened, and what to do.
pub(super) fn message(error: &Error) -> String {
    let message = error.message();
    match error.kind() {
        ErrorKind::Link { missing } if !missing.is_empty() => missing_imports(missing),
        ErrorKind::Load if message.starts_with("cannot download") => {
            format!("{message}; check the URL, and that its server can be reached")
        }
        ErrorKind::Load => format!("{message}; check the path"),
        ErrorKind::Compile => {
            format!("{message}; check that it is the right file, and build or fetch it again")
        }
        ErrorKind::Signature => {
            format!("{message}; `plugwright inspect` lists the functions that can be called")
        }
        ErrorKind::Snapshot { reads } if !reads.is_empty() => frozen(reads),
        ErrorKind::Incompatible => format!("{message}; compile it again with `plugwright compile`"),
        _ => message.to_owned(),
    }
}

fn frozen(reads: &[SystemInput]) -> String {
    let list = reads.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let names = reads.iter().map(|input| input.name()).collect::<Vec<_>>().join(",");
    format!(
        "its start-up reads {list}, and every instance of a snapshot would have what was read once; compile it without \
         --snapshot, or allow that with --snapshot-freezes {names}"
    )
}

fn missing_imports(missing: &[MissingImport]) -> String {
    let (wasi, other): (Vec<_>, Vec<_>) = missing.iter().partition(|import| is_wasi(import));
    // What is there and does not fit is not there for want of a flag.
    let flag = |import: &MissingImport| {
        import.hint.is_none().then(|| capabilities::flag_for(&import.module, &import.name)).flatten()
    };
    let (lent, other): (Vec<_>, Vec<_>) = other.into_iter().partition(|import| flag(import).is_some());
    let mut needs = Vec::new();
    for wanted in capabilities::FLAGS {
        let names =
            lent.iter().filter(|import| flag(import) == Some(wanted)).map(|import| import.name.as_str());
        needs.extend(summary(names.collect()).map(|names| format!("{names}: add {wanted}")));
    }
    // A plug-in in some languages imports dozens of WASI's functions, and the advice is the same for all.
    let wasi = summary(wasi.iter().map(|import| import.name.as_str()).collect());
    needs.extend(wasi.map(|names| format!("WASI, for {names}: add --wasi")));
    let needs = needs.join("; it also needs ");
    if other.is_empty() {
        return format!("the plug-in needs {needs}");
    }
    let things = if other.len() == 1 { "an import" } else { "imports" };
    let list = other.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let also = if needs.is_empty() { needs } else { format!("; it also needs {needs}") };
    format!(
        "the plug-in needs {things} that nothing provides: {list}; no flag lends such a function: link a module that has it with \
         --link NAME=FILE, or call the plug-in from a program that defines it{also}"
    )
}

/// The first of these functions, and how many more there are.
fn summary(names: Vec<&str>) -> Option<String> {
    match &*names {
        [] => None,
        [one] => Some(format!("`{one}`")),
        [first, _] => Some(format!("`{first}` and 1 more function")),
        [first, rest @ ..] => Some(format!("`{first}` and {} more functions", rest.len())),
    }
}

/// Whether WASI would provide the import if it were on, for which the library gives a hint.
fn is_wasi(import: &MissingImport) -> bool {
    import.module == WASI && import.hint.is_some()
}
