//! What a module has that decides whether a snapshot of it can be made.

use wasmparser::{Encoding, ExternalKind, Operator, Parser, Payload, TypeRef};
use wasmtime_wizer::Wizer;

use super::refusal;
use crate::error::Result;
use crate::exports::COMMAND;
use crate::inspect::START_UP;

/// What the engine allows of exports, of which a snapshot is made with one more for each memory and variable.
const MAX_EXPORTS: usize = 1_000_000;

/// How many data segments a module may have, so that those of the snapshot fit in beside them.
const MAX_DATA_SEGMENTS: u32 = 90_000;

/// A module as far as a snapshot is concerned.
#[derive(Default)]
pub(super) struct Outline<'a> {
    exports: Vec<&'a str>,
    has_exports: bool,
    has_start_function: bool,
    /// The indices of the exported start-up functions.
    start_up: Vec<u32>,
    is_command: bool,
    /// An import that is not a function.
    foreign: Option<(&'a str, &'a str, &'static str)>,
    memories_and_globals: usize,
    data_segments: u32,
    /// Whether the names of functions stand before something that is not a custom section.
    names_are_early: bool,
    refers_to_start_up: bool,
    refers_to_segments: bool,
}

impl<'a> Outline<'a> {
    /// The outline of a module; `None` when it is not a valid one.
    pub(super) fn of(wasm: &'a [u8]) -> Option<Self> {
        let mut outline = Self::default();
        let mut has_names = false;
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.ok()?;
            let is_custom = matches!(payload, Payload::CustomSection(_));
            outline.names_are_early |= has_names && !is_custom && payload.as_section().is_some();
            match payload {
                Payload::Version { encoding: Encoding::Component, .. } => return None,
                Payload::CustomSection(section) => has_names |= section.name() == "name",
                _ => outline.add(payload)?,
            }
        }
        Some(outline)
    }

    fn add(&mut self, payload: Payload<'a>) -> Option<()> {
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.ok()?;
                    if let Some(what) = other_than_function(&import.ty) {
                        self.foreign.get_or_insert((import.module, import.name, what));
                    }
                }
            }
            Payload::MemorySection(memories) => self.memories_and_globals += memories.count() as usize,
            Payload::GlobalSection(globals) => self.memories_and_globals += globals.count() as usize,
            Payload::ExportSection(exports) => {
                self.has_exports = true;
                for export in exports {
                    let export = export.ok()?;
                    self.exports.push(export.name);
                    if export.kind == ExternalKind::Func {
                        self.is_command |= export.name == COMMAND;
                        if START_UP.contains(&export.name) {
                            self.start_up.push(export.index);
                        }
                    }
                }
            }
            Payload::StartSection { .. } => self.has_start_function = true,
            // What starts nothing up stays as it is.
            Payload::CodeSectionEntry(body) if self.starts_up() => {
                for operator in body.get_operators_reader().ok()? {
                    match operator.ok()? {
                        Operator::RefFunc { function_index } => {
                            self.refers_to_start_up |= self.start_up.contains(&function_index);
                        }
                        Operator::MemoryInit { .. }
                        | Operator::DataDrop { .. }
                        | Operator::ArrayNewData { .. }
                        | Operator::ArrayInitData { .. } => self.refers_to_segments = true,
                        _ => {}
                    }
                }
            }
            Payload::DataSection(segments) => self.data_segments = segments.count(),
            _ => {}
        }
        Some(())
    }

    /// Whether anything of the module may run before its functions are called. Without exports nothing can be called.
    pub(super) fn starts_up(&self) -> bool {
        self.has_exports && (self.has_start_function || !self.start_up.is_empty())
    }

    /// Refuses a module of which no snapshot can be made.
    pub(super) fn check(&self) -> Result<()> {
        if let Some((module, name, what)) = self.foreign {
            let message = format!(
                "it imports the {what} `{module}.{name}`, whose content is not the plug-in's own; a snapshot holds only what a \
                 plug-in has for itself"
            );
            return Err(refusal(message));
        }
        if self.is_command && !self.start_up.is_empty() {
            let names = self.exports.iter().find(|name| START_UP.contains(name)).unwrap_or(&"");
            let message = format!(
                "it is a WASI command, whose `{COMMAND}` starts it up, and also exports `{names}`; a snapshot would start it up \
                 twice; build it as a library (a WASI reactor)"
            );
            return Err(refusal(message));
        }
        if self.refers_to_start_up {
            return Err(refusal("its code refers to its start-up function, which a snapshot has no more"));
        }
        if self.names_are_early {
            return Err(refusal(
                "its section of names does not come last, as a snapshot needs it; strip the names, or move them",
            ));
        }
        if self.exports.len().saturating_add(self.memories_and_globals) > MAX_EXPORTS {
            let message = format!("it has more than {MAX_EXPORTS} exports, memories and globals together");
            return Err(refusal(message));
        }
        if self.data_segments > MAX_DATA_SEGMENTS {
            let message = format!(
                "it has {} data segments, of which a snapshot may have {MAX_DATA_SEGMENTS}",
                self.data_segments
            );
            return Err(refusal(message));
        }
        Ok(())
    }

    /// The number of data segments that no code refers to, as far as that is known: all or none.
    pub(super) fn idle_segments(&self) -> u32 {
        if self.refers_to_segments { 0 } else { self.data_segments }
    }

    /// Has the start-up functions' exports left out of the snapshot.
    pub(super) fn drop_start_up(&self, wizer: &mut Wizer) {
        // The name of an export that is not there: longer than all that are.
        let longest = self.exports.iter().map(|name| name.len()).max().unwrap_or_default();
        let mut absent = "_".repeat(longest);
        wizer.init_func(START_UP[0]);
        for name in &START_UP[1..] {
            // What is renamed takes the place of the export that had the name; and what is not there takes it away.
            absent.push('_');
            wizer.func_rename(name, &absent);
        }
    }
}

/// What an import is that is not a function of the usual kind.
fn other_than_function(ty: &TypeRef) -> Option<&'static str> {
    match ty {
        TypeRef::Func(_) => None,
        TypeRef::FuncExact(_) => Some("function of an exact type"),
        TypeRef::Table(_) => Some("table"),
        TypeRef::Memory(_) => Some("memory"),
        TypeRef::Global(_) => Some("global"),
        TypeRef::Tag(_) => Some("exception tag"),
    }
}
