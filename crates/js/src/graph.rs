//! All files of a plug-in: the first one, and what each of them names.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use crate::built_in;
use crate::error::{Error, Problem};
use crate::excerpt::Excerpt;
use crate::front::{self, Front, HostFunction, Import, Language, Signature};
use crate::project::{self, Project};
use crate::reexports::{Exports, Sources};
use crate::request::{File, Kind, Links, Map};
use crate::resolve::{Resolved, Resolver};

/// Modules that the engine has itself.
const BUILT_IN: [&str; 3] = ["buffer", "process", "url"];

/// What a file is called that a package leaves out.
const EMPTY: &str = "(empty)";

/// Files whose text is the value of a module.
const TEXTS: [&str; 12] =
    ["txt", "md", "html", "css", "svg", "xml", "csv", "sql", "graphql", "yaml", "yml", "toml"];

/// The files, and what they say.
pub(crate) struct Graph {
    pub(crate) files: Vec<File>,
    pub(crate) links: Links,
    /// The name of the first file.
    pub(crate) entry: String,
    /// What types say about exported functions.
    pub(crate) signatures: BTreeMap<String, Signature>,
    /// What the host offers, as far as it is declared.
    pub(crate) host_functions: Vec<HostFunction>,
    /// The exports that the `.d.ts` of the first file declares, with its name.
    pub(crate) declared: BTreeMap<String, String>,
    /// The sources as their authors wrote them, by name.
    pub(crate) originals: HashMap<String, String>,
}

/// Reads everything that belongs to a plug-in.
///
/// # Errors
///
/// When a file cannot be read or is not valid, or names something that is not there. All such places are in the error.
pub(crate) fn read(project: &Project, front: &mut Front) -> Result<Graph, Error> {
    let mut reader = Reader {
        project,
        front,
        resolver: Resolver::default(),
        names: HashMap::new(),
        waiting: VecDeque::new(),
        problems: Vec::new(),
        exports: HashMap::new(),
        types: HashMap::new(),
        imports: Vec::new(),
        graph: Graph {
            files: Vec::new(),
            links: Links::new(),
            entry: String::new(),
            signatures: BTreeMap::new(),
            host_functions: Vec::new(),
            declared: BTreeMap::new(),
            originals: HashMap::new(),
        },
    };
    for path in project.declarations()? {
        reader.declarations(&path)?;
    }
    reader.graph.entry = reader.name_of(&project.entry);
    while let Some(path) = reader.waiting.pop_front() {
        reader.file(&path)?;
    }
    let Reader { mut problems, exports, imports, mut graph, .. } = reader;
    let sources = Sources { files: &exports, links: &graph.links, host_functions: &graph.host_functions };
    for (file, imports) in &imports {
        problems.extend(graph.not_exported(&sources, file, imports));
    }
    if !problems.is_empty() {
        return Err(Error::Source(problems));
    }
    for (export, signature) in sources.of(&graph.entry) {
        graph.signatures.entry(export).or_insert(signature);
    }
    graph.add_host_modules();
    Ok(graph)
}

struct Reader<'a> {
    project: &'a Project,
    front: &'a mut Front,
    resolver: Resolver,
    /// The names of the files that are known.
    names: HashMap<PathBuf, String>,
    /// Those of them that are still to be read.
    waiting: VecDeque<PathBuf>,
    problems: Vec<Problem>,
    /// What the files say about their exports, by name.
    exports: HashMap<String, Exports>,
    /// What types of other files mean for an input, by file.
    types: HashMap<PathBuf, HashMap<String, String>>,
    /// What files import, by the files' names.
    imports: Vec<(String, Vec<Import>)>,
    graph: Graph,
}

impl Reader<'_> {
    /// What a file is called; it will be read.
    fn name_of(&mut self, path: &Path) -> String {
        if let Some(name) = self.names.get(path) {
            return name.clone();
        }
        let plain = self.project.name(path);
        let mut name = plain.clone();
        let mut copies = 1;
        // Two copies of a package may have the same name.
        while self.names.values().any(|known| *known == name) {
            copies += 1;
            name = format!("{plain} ({copies})");
        }
        self.names.insert(path.to_owned(), name.clone());
        self.waiting.push_back(path.to_owned());
        name
    }

    fn declarations(&mut self, path: &Path) -> Result<(), Error> {
        let name = self.project.name(path);
        let source = text(path)?;
        if !source.contains("declare module") {
            return Ok(());
        }
        let file = self.front.read(&name, &source, Language::Declarations, true)?;
        self.add_problems(&name, &source, &file.problems);
        // What lies beside the first file may be about another plug-in, unless its name says that it is not.
        let stem = |path: &Path| {
            path.file_name().and_then(|name| name.to_str()?.split('.').next().map(str::to_owned))
        };
        let is_ours = stem(path) == stem(&self.project.entry);
        for (export, signature) in file.signatures {
            if is_ours {
                self.graph.declared.insert(export.clone(), name.clone());
            }
            self.graph.signatures.insert(export, signature);
        }
        self.graph.host_functions.extend(file.host_functions);
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), Error> {
        let name = self.name_of(path);
        let source = text(path)?;
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let plain = match ending {
            "json" => Some(Kind::Json),
            ending if TEXTS.contains(&ending) => Some(Kind::Text),
            _ => None,
        };
        if let Some(kind) = plain {
            self.graph.files.push(File { name, kind, source: Some(source), map: None });
            return Ok(());
        }
        let language = language(path);
        let folder = path.parent().unwrap_or(path);
        let module = match ending {
            "mjs" | "mts" => true,
            "cjs" | "cts" => false,
            _ => self.resolver.around(folder)?.is_some_and(|(_, package)| package.module_type),
        };
        let read = self.front.read(&name, &source, language, module)?;
        self.add_problems(&name, &source, &read.problems);
        self.follow(&name, &source, folder, &read.imports)?;
        let mut signatures = read.signatures;
        for signature in signatures.values_mut() {
            if let Some((specifier, ty)) = &signature.input_type
                && let Some(input) = self.input_of(specifier, ty, folder)?
            {
                signature.input = input;
            }
        }
        let names = read.module.then_some(read.exports);
        let exports = Exports { names, signatures, reexports: read.reexports };
        self.exports.insert(name.clone(), exports);
        let map = read.mappings.map(|mappings| Map::new(&name, mappings));
        let kind = if read.module { Kind::Esm } else { Kind::Cjs };
        let code = read.code.unwrap_or_else(|| source.clone());
        self.graph.files.push(File { name: name.clone(), kind, source: Some(code), map });
        self.imports.push((name.clone(), read.imports));
        self.graph.originals.insert(name, source);
        Ok(())
    }

    /// What a function gets whose first parameter has a type of another file; `None` if that is no name for something else.
    fn input_of(&mut self, specifier: &str, ty: &str, folder: &Path) -> Result<Option<String>, Error> {
        let Resolved::File(path) = self.resolver.resolve(specifier, folder, false)? else { return Ok(None) };
        if !self.types.contains_key(&path) {
            let language = language(&path);
            let types = if matches!(language, Language::Ts | Language::Tsx) && !project::is_declaration(&path)
            {
                self.front.read(&self.project.name(&path), &text(&path)?, language, true)?.types
            } else {
                HashMap::new()
            };
            self.types.insert(path.clone(), types);
        }
        Ok(self.types[&path].get(ty).cloned())
    }

    /// Finds what a file imports.
    fn follow(&mut self, name: &str, source: &str, folder: &Path, imports: &[Import]) -> Result<(), Error> {
        for import in imports {
            let specifier = &*import.specifier;
            if let Some(module) = built_in::find(specifier) {
                let Graph { files, links, host_functions, .. } = &mut self.graph;
                module.add(files, links, host_functions);
                self.link(name, specifier, module.name.to_owned());
                continue;
            }
            if self.graph.host_functions.iter().any(|function| function.module == specifier) {
                self.link(name, specifier, specifier.to_owned());
                continue;
            }
            match self.resolver.resolve(specifier, folder, import.require)? {
                Resolved::File(path) if project::is_declaration(&path) => {}
                Resolved::File(path) => {
                    let target = self.name_of(&path);
                    self.link(name, specifier, target);
                }
                Resolved::Empty => {
                    if !self.graph.files.iter().any(|file| file.name == EMPTY) {
                        let source = Some(String::new());
                        self.graph.files.push(File {
                            name: EMPTY.to_owned(),
                            kind: Kind::Cjs,
                            source,
                            map: None,
                        });
                    }
                    self.link(name, specifier, EMPTY.to_owned());
                }
                Resolved::Missing if !import.needed || is_built_in(specifier) => {}
                Resolved::Missing => {
                    let (message, help) = missing(specifier);
                    let at = Excerpt::new(name, source, import.start, import.end);
                    self.problems.push(Problem { message, help: Some(help), at });
                }
            }
        }
        Ok(())
    }

    fn link(&mut self, from: &str, specifier: &str, to: String) {
        self.graph.links.entry(from.to_owned()).or_default().insert(specifier.to_owned(), to);
    }

    fn add_problems(&mut self, name: &str, source: &str, mistakes: &[front::Mistake]) {
        self.problems.extend(mistakes.iter().map(|mistake| Problem {
            message: mistake.message.clone(),
            help: mistake.help.clone(),
            at: Excerpt::new(name, source, mistake.start, mistake.end),
        }));
    }
}

impl Graph {
    /// The names in a file that the other files, which are to export them, do not.
    fn not_exported(&self, sources: &Sources<'_>, file: &str, imports: &[Import]) -> Vec<Problem> {
        let mut problems = Vec::new();
        let (Some(links), Some(source)) = (self.links.get(file), self.originals.get(file)) else {
            return problems;
        };
        for import in imports {
            let Some(target) = links.get(&import.specifier) else { continue };
            for name in import.names.iter().filter(|name| !sources.may_export(target, &name.name)) {
                let names = match sources.of_names(target) {
                    names if names.is_empty() => "nothing".to_owned(),
                    names => format!("`{}`", names.join("`, `")),
                };
                problems.push(Problem {
                    message: format!("`{target}` does not export `{}`", name.name),
                    help: Some(format!("it exports {names}")),
                    at: Excerpt::new(file, source, name.start, name.end),
                });
            }
        }
        problems
    }

    /// Every module of the host that is imported from is a file to the engine.
    fn add_host_modules(&mut self) {
        let mut modules: Vec<&str> =
            self.host_functions.iter().map(|function| function.module.as_str()).collect();
        modules.sort_unstable();
        modules.dedup();
        for module in modules {
            self.files.push(File { name: module.to_owned(), kind: Kind::Host, source: None, map: None });
        }
    }
}

/// What a file with code is written in.
fn language(path: &Path) -> Language {
    match path.extension().and_then(|ending| ending.to_str()).unwrap_or_default() {
        "ts" | "mts" | "cts" => Language::Ts,
        "tsx" => Language::Tsx,
        "jsx" => Language::Jsx,
        _ => Language::Js,
    }
}

fn is_built_in(specifier: &str) -> bool {
    BUILT_IN.contains(&specifier.strip_prefix("node:").unwrap_or(specifier))
}

/// What is wrong when nothing has a name, and what to do.
fn missing(specifier: &str) -> (String, String) {
    if specifier.contains(':') && !specifier.starts_with("node:") {
        return (
            format!("no function of the module `{specifier}` is declared"),
            format!(
                "declare them in a `.d.ts` beside this file: declare module '{specifier}' {{ export function name(key: string): string }}"
            ),
        );
    }
    let path = specifier.starts_with('.') || specifier.starts_with('/');
    let help = if path {
        "check the path; it is relative to this file"
    } else if specifier.starts_with("node:") {
        "plug-ins have no module of Node but `buffer`, `process` and `url`"
    } else {
        "install it with `npm install`; modules of Node are not available, but for `buffer`, `process` and `url`"
    };
    (format!("cannot find `{specifier}`"), help.to_owned())
}

fn text(path: &Path) -> Result<String, Error> {
    let cannot = |reason| Error::File { path: path.to_owned(), reason };
    let text = fs::read_to_string(path).map_err(cannot)?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}
