//! What files export, across files: one may export what another one declares.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::front::{HostFunction, Reexport, Signature};
use crate::request::Links;

/// What a file says about its exports.
#[derive(Default)]
pub(crate) struct Exports {
    /// The names, types included, but for those of `export *`. `None` if that is only known when the file runs: it is CommonJS.
    pub(crate) names: Option<HashSet<String>>,
    /// What types say about functions.
    pub(crate) signatures: BTreeMap<String, Signature>,
    pub(crate) reexports: Vec<Reexport>,
}

/// All files, as far as their exports are concerned.
pub(crate) struct Sources<'a> {
    pub(crate) files: &'a HashMap<String, Exports>,
    pub(crate) links: &'a Links,
    pub(crate) host_functions: &'a [HostFunction],
}

impl Sources<'_> {
    /// What is known about the functions that a file exports.
    pub(crate) fn of(&self, file: &str) -> BTreeMap<String, Signature> {
        self.exports(file, &mut HashSet::new())
    }

    /// Whether a file may export a name: it does, or what it exports is not known before it runs.
    pub(crate) fn may_export(&self, file: &str, name: &str) -> bool {
        self.has(file, name, &mut HashSet::new())
    }

    /// The names that a file exports by itself, in order.
    pub(crate) fn of_names(&self, file: &str) -> Vec<&str> {
        let mut names: Vec<&str> = match self.files.get(file) {
            Some(exports) => exports.names.iter().flatten().map(String::as_str).collect(),
            None => {
                let ours = self.host_functions.iter().filter(|function| function.module == file);
                ours.map(|function| &*function.name).collect()
            }
        };
        names.sort_unstable();
        names
    }

    fn has<'f>(&'f self, file: &'f str, name: &str, seen: &mut HashSet<&'f str>) -> bool {
        if !seen.insert(file) {
            return false;
        }
        let Some(exports) = self.files.get(file) else {
            let mut ours = self.host_functions.iter().filter(|function| function.module == file).peekable();
            return ours.peek().is_none() || ours.any(|function| function.name == name);
        };
        let Some(names) = &exports.names else { return true };
        let links = self.links.get(file);
        names.contains(name)
            || name != "default"
                && exports.reexports.iter().filter(|reexport| reexport.names.is_none()).any(|reexport| {
                    match links.and_then(|links| links.get(&reexport.specifier)) {
                        Some(target) => self.has(target, name, seen),
                        None => true,
                    }
                })
    }

    fn exports(&self, file: &str, seen: &mut HashSet<String>) -> BTreeMap<String, Signature> {
        if !seen.insert(file.to_owned()) {
            return BTreeMap::new();
        }
        let Some(own) = self.files.get(file) else { return self.host_module(file) };
        let mut all = own.signatures.clone();
        for Reexport { specifier, names } in &own.reexports {
            let Some(target) = self.links.get(file).and_then(|links| links.get(specifier)) else { continue };
            // A file may be reached again by another way, for another name of its.
            let theirs = self.exports(target, &mut seen.clone());
            match names {
                Some((exported, name)) => {
                    all.extend(theirs.get(name).map(|signature| (exported.clone(), signature.clone())));
                }
                None => {
                    for (name, signature) in theirs.into_iter().filter(|(name, _)| name != "default") {
                        all.entry(name).or_insert(signature);
                    }
                }
            }
        }
        all
    }

    /// The host's functions may be exported as they are: then the input is the first parameter.
    fn host_module(&self, module: &str) -> BTreeMap<String, Signature> {
        let ours = self.host_functions.iter().filter(|function| function.module == module);
        let signatures = ours.map(|function| {
            let input = match function.parameters.first().map(String::as_str) {
                None => "none",
                Some("string") => "string",
                Some("bytes") => "bytes",
                Some(_) => "json",
            };
            (
                function.name.clone(),
                Signature { input: input.to_owned(), input_type: None, output: "auto".to_owned() },
            )
        });
        signatures.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::{Exports, Sources};
    use crate::front::{HostFunction, Reexport, Signature};
    use crate::request::Links;

    fn exports(own: &[(&str, &str)], others: &[(&str, Option<(&str, &str)>)]) -> Exports {
        let signature =
            |input: &str| Signature { input: input.to_owned(), input_type: None, output: "auto".to_owned() };
        let names = |(a, b): (&str, &str)| (a.to_owned(), b.to_owned());
        Exports {
            names: Some(own.iter().map(|(name, _)| (*name).to_owned()).collect()),
            signatures: own.iter().map(|(name, input)| ((*name).to_owned(), signature(input))).collect(),
            reexports: others
                .iter()
                .map(|(specifier, pair)| Reexport {
                    specifier: (*specifier).to_owned(),
                    names: pair.map(names),
                })
                .collect(),
        }
    }

    #[test]
    fn exports_of_other_files_and_of_the_host() {
        let files = HashMap::from([
            (
                "p".to_owned(),
                exports(
                    &[("own", "json")],
                    &[
                        ("./a", None),
                        ("./b", Some(("renamed", "default"))),
                        ("host:m", Some(("h", "read"))),
                        ("gone", None),
                    ],
                ),
            ),
            (
                "a".to_owned(),
                exports(&[("own", "bytes"), ("x", "bytes"), ("default", "bytes")], &[("./p", None)]),
            ),
            ("b".to_owned(), exports(&[("default", "string")], &[])),
        ]);
        let link = |file: &str, to: &[(&str, &str)]| {
            let to = to.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
            (file.to_owned(), to.collect::<BTreeMap<_, _>>())
        };
        let links = Links::from([
            link("p", &[("./a", "a"), ("./b", "b"), ("host:m", "host:m")]),
            link("a", &[("./p", "p")]),
        ]);
        let host_functions = [HostFunction {
            module: "host:m".to_owned(),
            name: "read".to_owned(),
            parameters: vec!["bytes".to_owned()],
            result: None,
        }];
        let sources = Sources { files: &files, links: &links, host_functions: &host_functions };
        assert!(sources.may_export("a", "own") && sources.may_export("b", "default"));
        assert!(!sources.may_export("b", "own") && !sources.may_export("b", "y"));
        assert!(sources.may_export("host:m", "read") && !sources.may_export("host:m", "write"));
        assert!(sources.may_export("unknown", "x") && sources.may_export("p", "y"), "`gone` may have it");
        assert!(sources.may_export("a", "y"), "by way of `p`");
        let all = sources.of("p");
        let found: Vec<(&str, &str)> = all.iter().map(|(name, found)| (&**name, &*found.input)).collect();
        assert_eq!(found, [("h", "bytes"), ("own", "json"), ("renamed", "string"), ("x", "bytes")]);
    }
}
