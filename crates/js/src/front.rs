//! Reading files of JavaScript and TypeScript, by a plug-in: see `front/`, which has the other side of these types.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use plugwright::{Json, Plugin};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::shipped;

/// How long one file may take. The largest that people have take a second.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The memory that one file may take, in pages of 64 KiB: 1 GiB.
const PAGES: u32 = 1 << 14;

/// The reader of source files.
pub(crate) struct Front(Plugin);

#[derive(Serialize)]
struct Request<'a> {
    name: &'a str,
    source: &'a str,
    language: Language,
    module: bool,
}

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Language {
    Js,
    Jsx,
    Ts,
    Tsx,
    /// A `.d.ts`.
    Declarations,
}

/// What a file says.
#[derive(Debug, Deserialize)]
pub(crate) struct File {
    pub(crate) problems: Vec<Mistake>,
    /// Whether it is an ES module; else it is CommonJS.
    pub(crate) module: bool,
    /// The code without types; `None` when the source is the code.
    pub(crate) code: Option<String>,
    /// The mappings of a source map from the code to the source.
    pub(crate) mappings: Option<String>,
    pub(crate) imports: Vec<Import>,
    /// What types say about exported functions.
    pub(crate) signatures: BTreeMap<String, Signature>,
    /// The names of its exports, types included, but for those of `export *`.
    pub(crate) exports: HashSet<String>,
    /// Exports that are another file's.
    pub(crate) reexports: Vec<Reexport>,
    /// What exported names of types mean for an input, in the words of the engine.
    pub(crate) types: HashMap<String, String>,
    /// What a `.d.ts` says about the host.
    pub(crate) host_functions: Vec<HostFunction>,
}

/// Something wrong, between two offsets in bytes.
#[derive(Debug, Deserialize)]
pub(crate) struct Mistake {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Another file that is named.
#[derive(Debug, Deserialize)]
pub(crate) struct Import {
    pub(crate) specifier: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Without it the file cannot run at all.
    pub(crate) needed: bool,
    /// By `require`.
    pub(crate) require: bool,
    /// What must be exported there.
    pub(crate) names: Vec<Name>,
}

/// A name, and where it stands.
#[derive(Debug, Deserialize)]
pub(crate) struct Name {
    pub(crate) name: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// What a file exports of another one.
#[derive(Debug, Deserialize)]
pub(crate) struct Reexport {
    /// The other file, as this one names it.
    pub(crate) specifier: String,
    /// The name here and the name there; `None` for all but `default`.
    pub(crate) names: Option<(String, String)>,
}

/// How an exported function takes its input and what its result means, in the words of the engine.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) input: String,
    /// The type that says what the input is, if it is another file's: how this one names the file, and the type's name there.
    #[serde(skip_serializing)]
    pub(crate) input_type: Option<(String, String)>,
    pub(crate) output: String,
}

/// A function of the host, with types in the words of the engine.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HostFunction {
    pub(crate) module: String,
    pub(crate) name: String,
    pub(crate) parameters: Vec<String>,
    pub(crate) result: Option<String>,
}

impl Front {
    /// Makes the reader ready. The first time on a machine its code is compiled, which takes a second or two.
    ///
    /// # Errors
    ///
    /// When the system does not let us run it.
    pub(crate) fn new() -> Result<Self, Error> {
        let plugin = Plugin::builder(shipped::front())
            .name("the reader of JavaScript")
            .timeout(TIMEOUT)
            .memory_max_pages(PAGES)
            .max_output_bytes(u64::MAX)
            .build();
        plugin.map(Self).map_err(|error| Error::Runtime(error, "starting the reader of sources"))
    }

    /// Reads a file; `module` says that it is an ES module whatever its text looks like.
    ///
    /// # Errors
    ///
    /// When the reader gives up on it: too large, too deep.
    pub(crate) fn read(
        &mut self,
        name: &str,
        source: &str,
        language: Language,
        module: bool,
    ) -> Result<File, Error> {
        let request = Request { name, source, language, module };
        let answer = self.0.call::<_, Json<File>>("read", Json(request));
        answer.map(|Json(file)| file).map_err(|error| Error::Unreadable { file: name.to_owned(), error })
    }
}
