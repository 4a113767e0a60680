//! What is asked and answered. `crates/js/src/front.rs` has the other side.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A file.
#[derive(Deserialize)]
pub struct Request {
    /// What it is called in messages and source maps.
    pub name: String,
    pub source: String,
    pub language: Language,
    /// Whether a file without `import` and `export` is a module all the same.
    pub module: bool,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Js,
    Jsx,
    Ts,
    Tsx,
    /// A `.d.ts`.
    Declarations,
}

/// What a file says.
#[derive(Serialize, Default)]
pub struct File {
    /// What is wrong with it. If there is anything, the rest is of no use.
    pub problems: Vec<Problem>,
    /// Whether it is an ES module; else it is CommonJS.
    pub module: bool,
    /// The code without types; `None` when the source is the code.
    pub code: Option<String>,
    /// The mappings of a source map from `code` to the source, in the form of version 3.
    pub mappings: Option<String>,
    pub imports: Vec<Import>,
    /// What types say about exported functions, by the export's name.
    pub signatures: BTreeMap<String, Signature>,
    /// The names of its exports, types included, but for those of `export *`.
    pub exports: Vec<String>,
    /// Exports that are another file's.
    pub reexports: Vec<Reexport>,
    /// What exported names of types mean for an input.
    pub types: BTreeMap<String, Input>,
    /// Functions of the host that a `.d.ts` declares.
    pub host_functions: Vec<HostFunction>,
}

/// Something wrong. Places are offsets in bytes.
#[derive(Serialize)]
pub struct Problem {
    pub message: String,
    pub help: Option<String>,
    pub start: u32,
    pub end: u32,
}

/// `import`, `export … from`, `import()` or `require` of a name that is written out.
#[derive(Serialize)]
pub struct Import {
    pub specifier: String,
    /// Where the name stands.
    pub start: u32,
    pub end: u32,
    /// Only `require` and `import()` can fail alone; the others are needed for the file to run at all.
    pub needed: bool,
    /// By `require`: packages can offer another file for it.
    pub require: bool,
    /// What must be exported there.
    pub names: Vec<Name>,
}

/// A name, and where it stands.
#[derive(Serialize)]
pub struct Name {
    pub name: String,
    pub start: u32,
    pub end: u32,
}

/// What a file exports of another one.
#[derive(Serialize)]
pub struct Reexport {
    /// The other file, as this one names it.
    pub specifier: String,
    /// The name here and the name there; `None` for all but `default`.
    pub names: Option<(String, String)>,
}

/// How an exported function takes its input and what it returns.
#[derive(Serialize, Debug, PartialEq, Eq, Clone)]
pub struct Signature {
    pub input: Input,
    /// The type that says what the input is, if it is another file's: how this one names the file, and the type's name there.
    pub input_type: Option<(String, String)>,
    pub output: Output,
}

#[derive(Serialize, Debug, PartialEq, Eq, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    String,
    Bytes,
    Json,
    None,
}

#[derive(Serialize, Debug, PartialEq, Eq, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub enum Output {
    Auto,
    /// A number is the return code.
    Code,
}

/// A function of the host.
#[derive(Serialize)]
pub struct HostFunction {
    pub module: String,
    pub name: String,
    pub parameters: Vec<&'static str>,
    pub result: Option<&'static str>,
}
