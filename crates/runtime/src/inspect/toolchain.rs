//! Guesses: which language and which development kit made a module.
//!
//! Toolchains leave traces: the producers section, custom sections, names of functions, and text in the data, such as
//! the paths of source files in messages of panics. Each rule below names traces of one toolchain. Rules for what is
//! built on top of another language come first: a JavaScript engine is itself a Rust or C program.

use memchr::memmem;

use super::reader::Module;

const JAVASCRIPT: &str = "JavaScript";
const HASKELL: &str = "Haskell";
const C_SHARP: &str = "C#";
const ASSEMBLY_SCRIPT: &str = "AssemblyScript";
const TINY_GO: &str = "Go (TinyGo)";
const GO: &str = "Go";
const ZIG: &str = "Zig";
const RUST: &str = "Rust";
const CPP: &str = "C++";
const C: &str = "C";
const C_OR_CPP: &str = "C or C++";

/// The language that the module was written in.
pub(super) fn language<'m>(module: &'m Module<'_>) -> Option<&'m str> {
    let found = [
        (JAVASCRIPT, is_javascript as fn(&Module<'_>) -> bool),
        (HASKELL, |module| module.exports("hs_init")),
        (C_SHARP, |module| module.has_function("mono_wasm_") || module.has_data(b"System.Private.CoreLib")),
        (ASSEMBLY_SCRIPT, is_assembly_script),
        (TINY_GO, |module| module.is_made_by("TinyGo") || module.has_function("tinygo_")),
        (GO, is_go),
        (ZIG, |module| module.is_made_by("Zig")),
        (RUST, is_rust),
    ];
    let found = found.iter().find(|(_, applies)| applies(module)).map(|(language, _)| *language);
    found.or_else(|| declared(module)).or_else(|| module.is_made_by("clang").then_some(C_OR_CPP))
}

/// The development kit that the module was built with.
pub(super) fn pdk(module: &Module<'_>, language: Option<&str>) -> Option<&'static str> {
    let has_name = |part: &str| module.function_names.iter().any(|name| name.contains(part));
    let (pdk, applies) = match language? {
        RUST => ("Extism Rust PDK", has_name("extism_pdk") || module.has_data(b"extism-pdk-")),
        GO | TINY_GO => {
            let path = "github.com/extism/go-pdk";
            ("Extism Go PDK", has_name(path) || module.has_data(path.as_bytes()))
        }
        ASSEMBLY_SCRIPT => {
            let path = "@extism/as-pdk";
            ("Extism AssemblyScript PDK", has_name(path) || module.has_data(&utf16(path)))
        }
        C_SHARP => {
            ("Extism .NET PDK", module.has_data(b"Extism.Pdk") || module.has_data(&utf16("Extism.Pdk")))
        }
        C | CPP | C_OR_CPP => ("Extism C PDK", module.has_function("extism_load")),
        _ => return None,
    };
    applies.then_some(pdk)
}

fn is_javascript(module: &Module<'_>) -> bool {
    module.custom_sections.iter().any(|section| section.name.starts_with("javy"))
        || module.imports.iter().any(|from| from.name.starts_with("javy"))
        || module.is_made_by("javy")
        || module.has_function("JS_NewRuntime")
        // Every engine prints the first for its own functions and compares with the second.
        || (module.has_data(b"[native code]") && module.has_data(b"use strict"))
}

fn is_assembly_script(module: &Module<'_>) -> bool {
    module.exports("__rtti_base") || module.has_function("~lib/") || module.has_data(&utf16("~lib/"))
}

fn is_go(module: &Module<'_>) -> bool {
    module.declares("Go")
        || module.custom_sections.iter().any(|section| section.name == "go:buildid")
        || module.exports("_rt0_wasm_wasip1")
}

fn is_rust(module: &Module<'_>) -> bool {
    module.declares("Rust")
        || module.is_made_by("rustc")
        // Where the standard library's sources were when it was built, for messages of panics.
        || module.has_data(b"/rustc/")
        || module.has_data(b"/rustc-demangle-")
        || module.has_data(b"library/core/src/")
}

/// The first language of the producers section, by the name that people use.
fn declared<'m>(module: &'m Module<'_>) -> Option<&'m str> {
    let language = module.producers.iter().find(|producer| producer.field == "language")?;
    Some(match language.name.as_str() {
        "C" | "C89" | "C99" | "C11" | "C17" | "C23" => C,
        name if name.starts_with("C_plus_plus") || name == "C++" => CPP,
        name => name,
    })
}

impl Module<'_> {
    fn declares(&self, language: &str) -> bool {
        self.producers.iter().any(|producer| producer.field == "language" && producer.name == language)
    }

    /// Whether the producers section names a tool whose name contains `tool`, in any case.
    fn is_made_by(&self, tool: &str) -> bool {
        let tool = tool.to_ascii_lowercase();
        self.producers.iter().any(|producer| producer.name.to_ascii_lowercase().contains(&tool))
    }

    fn exports(&self, name: &str) -> bool {
        self.exports.iter().any(|export| export.name == name)
    }

    fn has_function(&self, prefix: &str) -> bool {
        self.function_names.iter().any(|name| name.starts_with(prefix))
    }

    fn has_data(&self, text: &[u8]) -> bool {
        let finder = memmem::Finder::new(text);
        self.data.iter().any(|data| finder.find(data).is_some())
    }
}

/// How AssemblyScript and .NET keep text.
fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
