//! What `plugwright inspect` prints for people.

use std::fmt::{self, Display, Write};

use anstyle::Style;
use plugwright::inspect::{
    ContractMatch, Export, Import, ImportCategory, ImportModule, Inspection, Memory, ModuleKind,
};

use super::InspectedModule;
use crate::output::printable;

const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// The tables of all modules, with styles for a terminal.
pub(super) fn render(modules: &[InspectedModule]) -> String {
    let names: Vec<&str> = modules.iter().filter_map(|module| module.name.as_deref()).collect();
    let tables = modules.iter().map(|module| Table { module, names: &names }.to_string());
    tables.collect::<Vec<_>>().join("\n")
}

struct Table<'a> {
    module: &'a InspectedModule,
    /// All modules of the plug-in.
    names: &'a [&'a str],
}

impl Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let InspectedModule { name, source, inspection } = self.module;
        match name {
            Some(name) => title(f, &format!("{}: {}", printable(name), printable(source)))?,
            None => title(f, &printable(source))?,
        }
        facts(f, inspection)?;
        exports(f, "Functions that can be called", &inspection.callable_exports)?;
        if inspection.callable_exports.is_empty() {
            title(f, "No function can be called")?;
        }
        exports(f, "Other exports", &inspection.other_exports)?;
        if inspection.imports.is_empty() {
            return title(f, "No imports");
        }
        title(f, "Imports")?;
        for module in &inspection.imports {
            self.imports(f, module)?;
        }
        Ok(())
    }
}

impl Table<'_> {
    fn imports(&self, f: &mut fmt::Formatter<'_>, module: &ImportModule) -> fmt::Result {
        let status = match module.category {
            _ if self.names.contains(&module.name.as_str()) => "provided: a module of this plug-in",
            ImportCategory::Contract => "provided",
            ImportCategory::Wasi if module.name == "wasi_snapshot_preview1" => "WASI: needs --wasi",
            ImportCategory::Wasi => "not provided: this is not WASI preview 1",
            _ => "host functions: the host must provide them, or --link a module",
        };
        writeln!(f, "  {} — {status}", printable(&module.name))?;
        let width = width(module.imports.iter().map(|import| import.name.as_str()));
        for import in &module.imports {
            writeln!(f, "    {:width$}  {}{}", printable(&import.name), printable(&import.ty), flaw(import))?;
        }
        Ok(())
    }
}

/// What is wrong with an import from the contract, if anything is.
fn flaw(import: &Import) -> String {
    match &import.contract {
        Some(ContractMatch::WrongType { expected }) => format!("  — wrong type: the contract has {expected}"),
        Some(ContractMatch::Unknown) => "  — not provided: the contract has no such function".to_owned(),
        _ => String::new(),
    }
}

fn title(f: &mut impl Write, text: &str) -> fmt::Result {
    writeln!(f, "{TITLE}{text}{TITLE:#}")
}

fn facts(f: &mut fmt::Formatter<'_>, inspection: &Inspection) -> fmt::Result {
    let kind = match inspection.kind {
        ModuleKind::Command => "command: runs from `_start` to its end",
        ModuleKind::Reactor => "reactor: `_initialize` runs before the first call",
        _ => "library",
    };
    fact(f, "kind", kind)?;
    let origin: Vec<&str> =
        [&inspection.language, &inspection.pdk].into_iter().flatten().map(String::as_str).collect();
    fact(
        f,
        "made with",
        if origin.is_empty() { "unknown".to_owned() } else { printable(&origin.join(", ")) },
    )?;
    fact(f, "size", format_args!("{} bytes, {} functions", inspection.size_bytes, inspection.functions))?;
    fact(f, "sha256", &inspection.sha256)?;
    for memory in &inspection.memories {
        fact(f, "memory", describe_memory(memory))?;
    }
    if inspection.memories.is_empty() {
        fact(f, "memory", "none")?;
    }
    if inspection.has_start_function {
        fact(f, "start", "a start function runs before the first call")?;
    }
    let debug = match (inspection.has_names, inspection.has_dwarf) {
        (_, true) => "backtraces show functions and source lines",
        (true, false) => "backtraces show functions",
        (false, false) => "none: backtraces show numbers",
    };
    fact(f, "debug info", debug)
}

fn fact(f: &mut fmt::Formatter<'_>, name: &str, value: impl Display) -> fmt::Result {
    writeln!(f, "  {FAINT}{name:10}{FAINT:#}  {value}")
}

fn describe_memory(memory: &Memory) -> String {
    let mut text = match memory.max_pages {
        Some(max) => format!("{} to {max} pages of {} bytes", memory.min_pages, memory.page_bytes),
        None => format!("{} or more pages of {} bytes", memory.min_pages, memory.page_bytes),
    };
    for (is, what) in [(memory.imported, "imported"), (memory.shared, "shared"), (memory.is_64_bit, "64-bit")]
    {
        if is {
            text.push_str(", ");
            text.push_str(what);
        }
    }
    for name in &memory.exported_as {
        text.push_str(&format!(", exported as `{}`", printable(name)));
    }
    text
}

fn exports(f: &mut fmt::Formatter<'_>, heading: &str, exports: &[Export]) -> fmt::Result {
    if exports.is_empty() {
        return Ok(());
    }
    title(f, heading)?;
    let width = width(exports.iter().map(|export| export.name.as_str()));
    for export in exports {
        writeln!(f, "  {:width$}  {}", printable(&export.name), printable(&export.ty))?;
    }
    Ok(())
}

/// The width of a column of names, without letting one long name push everything away.
fn width<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(|name| printable(name).chars().count()).max().unwrap_or(0).min(32)
}
