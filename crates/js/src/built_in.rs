//! Modules that plug-ins may import without having them: what the host may grant. Each belongs to a plug-in only if it is imported, and
//! so do the host functions that it needs.

use crate::front::HostFunction;
use crate::request::{File, Kind, Links};

/// The module of WebAssembly that the functions are in.
const HOST: &str = "extism:host/user";

/// What modules import of each other and of the host.
const REPLY: &str = "./reply.js";
const REPLY_NAME: &str = "plugwright/reply";
const REPLY_SOURCE: &str = include_str!("../../../pdks/js/capabilities/reply.js");

/// A module.
pub(crate) struct BuiltIn {
    /// What it is imported by.
    pub(crate) name: &'static str,
    source: &'static str,
    /// The host functions that it needs, with the types of their parameters. All return bytes.
    functions: &'static [(&'static str, &'static [&'static str])],
}

const MODULES: [BuiltIn; 3] = [KV, SQL, MESSAGING];

const KV: BuiltIn = BuiltIn {
    name: "plugwright/kv",
    source: include_str!("../../../pdks/js/capabilities/kv.js"),
    functions: &[
        ("kv_get", &["string"]),
        ("kv_set", &["string", "bytes", "i64"]),
        ("kv_delete", &["string"]),
        ("kv_increment", &["string", "i64"]),
        ("kv_compare_and_swap", &["string", "i64", "i64", "i64"]),
        ("kv_list", &["string", "string", "i64"]),
    ],
};

const SQL: BuiltIn = BuiltIn {
    name: "plugwright/sql",
    source: include_str!("../../../pdks/js/capabilities/sql.js"),
    functions: &[
        ("sql_query", &["string", "string"]),
        ("sql_execute", &["string", "string"]),
        ("sql_begin", &[]),
        ("sql_commit", &[]),
        ("sql_rollback", &[]),
    ],
};

const MESSAGING: BuiltIn = BuiltIn {
    name: "plugwright/messaging",
    source: include_str!("../../../pdks/js/capabilities/messaging.js"),
    functions: &[
        ("messaging_publish", &["string", "bytes", "string"]),
        ("messaging_request", &["string", "bytes", "i64"]),
    ],
};

/// The module of this name.
pub(crate) fn find(name: &str) -> Option<&'static BuiltIn> {
    MODULES.iter().find(|module| module.name == name)
}

impl BuiltIn {
    /// Adds it to a plug-in, unless it is there.
    pub(crate) fn add(&self, files: &mut Vec<File>, links: &mut Links, functions: &mut Vec<HostFunction>) {
        if files.iter().any(|file| file.name == self.name) {
            return;
        }
        let file = |name: &str, source: &str| File {
            name: name.to_owned(),
            kind: Kind::Esm,
            source: Some(source.to_owned()),
            map: None,
        };
        files.push(file(self.name, self.source));
        if !files.iter().any(|file| file.name == REPLY_NAME) {
            files.push(file(REPLY_NAME, REPLY_SOURCE));
        }
        let own = links.entry(self.name.to_owned()).or_default();
        own.insert(HOST.to_owned(), HOST.to_owned());
        own.insert(REPLY.to_owned(), REPLY_NAME.to_owned());
        functions.extend(self.functions.iter().map(|(name, parameters)| HostFunction {
            module: HOST.to_owned(),
            name: (*name).to_owned(),
            parameters: parameters.iter().map(|ty| (*ty).to_owned()).collect(),
            result: Some("bytes".to_owned()),
        }));
    }
}
