//! Making a plug-in small without changing what it does.

use std::fs;
use std::process::Command;

use plugwright::inspect::{Export, Inspection, inspect};
use wasmparser::{Parser, Payload};

use super::project;
use super::tool;
use crate::args::Global;

/// An optimiser, used where it is installed.
const WASM_OPT: &str = "wasm-opt";

/// What compilers emit today and every engine runs. Nothing newer: `wasm-opt` makes use of what it is allowed.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-simd",
];

/// A plug-in, and what was done to it.
pub(super) struct Optimised {
    pub(super) wasm: Vec<u8>,
    pub(super) inspection: Inspection,
    /// What was done, in words.
    pub(super) steps: Vec<&'static str>,
    /// Why something was not done.
    pub(super) notes: Vec<String>,
}

/// Optimises a plug-in that is valid, which `original` describes.
///
/// Nothing here is an error: what cannot be optimised stays as it is.
pub(super) fn optimise(wasm: Vec<u8>, original: Inspection, global: &Global) -> Optimised {
    let mut best = Optimised::unchanged(wasm, original);
    match wasm_opt(&best.wasm, global) {
        Some(Ok(smaller)) => best.replace(smaller, "wasm-opt -Oz"),
        Some(Err(note)) => best.notes.push(note),
        None => {}
    }
    if let Some(smaller) = strip(&best.wasm) {
        best.replace(smaller, "stripped");
    }
    best
}

impl Optimised {
    /// A plug-in as the compiler made it.
    pub(super) fn unchanged(wasm: Vec<u8>, inspection: Inspection) -> Self {
        Self { wasm, inspection, steps: Vec::new(), notes: Vec::new() }
    }

    /// Takes the result of a step if it is smaller and still the same plug-in.
    fn replace(&mut self, wasm: Vec<u8>, step: &'static str) {
        if wasm.len() >= self.wasm.len() {
            return;
        }
        match inspect(&wasm) {
            Ok(inspection) if offers_the_same(&self.inspection, &inspection) => {
                self.wasm = wasm;
                self.inspection = inspection;
                self.steps.push(step);
            }
            Ok(_) => {
                self.notes.push(format!("{step} changed the plug-in's exports, so its result is not used"))
            }
            Err(error) => self.notes.push(format!("the result of {step} is not used: {}", error.message())),
        }
    }
}

/// Whether two modules have the same exports. Their imports may differ: what is never called need not be imported.
fn offers_the_same(before: &Inspection, after: &Inspection) -> bool {
    let sorted = |inspection: &Inspection| {
        let exports = inspection.callable_exports.iter().chain(&inspection.other_exports);
        let mut exports: Vec<(String, String)> =
            exports.map(|Export { name, ty, .. }| (name.clone(), ty.clone())).collect();
        exports.sort();
        exports
    };
    sorted(before) == sorted(after)
}

/// Runs `wasm-opt` if it is installed; says why when it does not work.
fn wasm_opt(wasm: &[u8], global: &Global) -> Option<Result<Vec<u8>, String>> {
    let program = tool::find(WASM_OPT)?;
    let run = || {
        let scratch = project::scratch().map_err(|error| error.to_string())?;
        let (before, after) = (scratch.path().join("before.wasm"), scratch.path().join("after.wasm"));
        fs::write(&before, wasm).map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command.arg("-Oz").args(FEATURES).arg(&before).arg("-o").arg(&after);
        let ended = tool::run(&mut command, global).map_err(|error| error.to_string())?;
        if !ended.succeeded() {
            return Err(ended.stderr.lines().next().unwrap_or("it did not say why").to_owned());
        }
        fs::read(&after).map_err(|error| error.to_string())
    };
    Some(run().map_err(|reason| format!("wasm-opt failed, and is not used: {reason}")))
}

/// The module without the sections that are for debuggers and linkers only; nothing when it cannot be read.
fn strip(wasm: &[u8]) -> Option<Vec<u8>> {
    let mut stripped = Vec::with_capacity(wasm.len());
    let mut end = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.ok()?;
        let section_end = match &payload {
            Payload::Version { range, .. } => range.end,
            _ => match payload.as_section() {
                Some((_, range)) => range.end,
                None => continue,
            },
        };
        // Sections follow each other without a gap: what lies before this one's content is its head.
        let section = wasm.get(end..section_end)?;
        end = section_end;
        if !matches!(&payload, Payload::CustomSection(custom) if is_needless(custom.name())) {
            stripped.extend_from_slice(section);
        }
    }
    Some(stripped)
}

fn is_needless(section: &str) -> bool {
    matches!(
        section,
        "name"
            | "producers"
            | "target_features"
            | "linking"
            | "sourceMappingURL"
            | "external_debug_info"
            | "build_id"
    ) || section.starts_with(".debug_")
        || section.starts_with("reloc.")
}

#[cfg(test)]
mod tests {
    use super::{inspect, offers_the_same, strip};

    /// A custom section of a few bytes.
    fn custom(name: &str) -> Vec<u8> {
        let content = [&[u8::try_from(name.len()).unwrap()], name.as_bytes(), b"content"].concat();
        [&[0, u8::try_from(content.len()).unwrap()], &*content].concat()
    }

    fn module(exported: u8, sections: &[&str]) -> Vec<u8> {
        let mut wasm = b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x07\x05\x01\x01".to_vec();
        wasm.extend([exported, 0, 0]);
        wasm.extend(custom("mine"));
        wasm.extend(b"\x0a\x06\x01\x04\0\x41\0\x0b");
        wasm.extend(sections.iter().flat_map(|name| custom(name)));
        wasm
    }

    #[test]
    fn only_needless_sections_go() {
        let stripped =
            strip(&module(b'f', &["name", "producers", "yours", ".debug_info", "reloc.CODE"])).unwrap();
        assert_eq!(stripped, module(b'f', &["yours"]));
        assert_eq!(inspect(&stripped).unwrap().callable_exports[0].name, "f");
    }

    #[test]
    fn what_cannot_be_read_is_left_alone() {
        let wasm = module(b'f', &["name"]);
        assert_eq!(strip(&wasm[..wasm.len() - 3]), None);
        assert_eq!(strip(b"no module"), None);
    }

    #[test]
    fn lost_exports_are_noticed() {
        let inspect = |name| inspect(&module(name, &[])).unwrap();
        assert!(offers_the_same(&inspect(b'f'), &inspect(b'f')));
        assert!(!offers_the_same(&inspect(b'f'), &inspect(b'g')));
    }
}
