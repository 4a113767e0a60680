//! What `plugwright build` says about the plug-in that it built.

use std::fmt::{self, Display, Write};
use std::path::Path;

use anstyle::Style;
use plugwright::inspect::{Export, ImportCategory, ImportModule, Inspection};
use serde::Serialize;

use crate::language::Language;
use crate::output::printable;

const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// The result, as it is printed in JSON.
#[derive(Serialize)]
pub(super) struct Report<'a> {
    file: &'a Path,
    language: Option<Language>,
    size_bytes: usize,
    unoptimised_bytes: usize,
    optimisations: &'a [&'static str],
    /// The functions that can be called.
    exports: Vec<&'a str>,
    other_exports: Vec<&'a str>,
    needs_wasi: bool,
    /// What the host or another module must provide, as `module.name`.
    needs_imports: Vec<String>,
}

impl<'a> Report<'a> {
    pub(super) fn new(
        file: &'a Path,
        language: Option<Language>,
        unoptimised_bytes: usize,
        inspection: &'a Inspection,
        optimisations: &'a [&'static str],
    ) -> Self {
        let names = |exports: &'a [Export]| exports.iter().map(|export| export.name.as_str()).collect();
        let of = |category| inspection.imports.iter().filter(move |module| module.category == category);
        Self {
            file,
            language,
            size_bytes: usize::try_from(inspection.size_bytes).unwrap_or(usize::MAX),
            unoptimised_bytes,
            optimisations,
            exports: names(&inspection.callable_exports),
            other_exports: names(&inspection.other_exports),
            needs_wasi: of(ImportCategory::Wasi).next().is_some(),
            needs_imports: of(ImportCategory::HostFunction).flat_map(full_names).collect(),
        }
    }

    /// Whether a host can call anything.
    pub(super) fn has_functions(&self) -> bool {
        !self.exports.is_empty()
    }

    /// The table for people, with styles for a terminal.
    pub(super) fn table(&self) -> String {
        self.to_string()
    }
}

fn full_names(module: &ImportModule) -> impl Iterator<Item = String> {
    module.imports.iter().map(|import| format!("{}.{}", module.name, import.name))
}

impl Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{TITLE}{}{TITLE:#}", printable(&self.file.display().to_string()))?;
        if self.optimisations.is_empty() {
            fact(f, "size", format_args!("{} bytes", self.size_bytes))?;
        } else {
            let steps = self.optimisations.join(", ");
            fact(
                f,
                "size",
                format_args!("{} bytes; {} before: {steps}", self.size_bytes, self.unoptimised_bytes),
            )?;
        }
        fact(f, "functions", list(&self.exports))?;
        if !self.other_exports.is_empty() {
            fact(f, "exports", format_args!("also {}", list(&self.other_exports)))?;
        }
        let mut needs: Vec<&str> = self.needs_imports.iter().map(String::as_str).collect();
        if self.needs_wasi {
            needs.insert(0, "WASI");
        }
        fact(f, "needs", list(&needs))
    }
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { printable(&names.join(", ")) }
}

fn fact(f: &mut impl Write, name: &str, value: impl Display) -> fmt::Result {
    writeln!(f, "  {FAINT}{name:10}{FAINT:#}  {value}")
}
