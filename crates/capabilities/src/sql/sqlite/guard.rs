//! What statements may do: all that is not on these lists is refused while a statement is prepared.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// Settings that only tell something about tables. They can be read; none can be set.
const PRAGMAS: [&str; 10] = [
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "foreign_key_check",
    "integrity_check",
    "quick_check",
];
/// Settings of a file, which modules for virtual tables ask for.
const FILE_PRAGMAS: [&str; 3] = ["data_version", "page_size", "user_version"];
/// Modules for virtual tables that keep all they have in the database itself.
const MODULES: [&str; 6] = ["fts3", "fts4", "fts5", "fts5vocab", "rtree", "rtree_i32"];
/// Functions that reach files or the memory of the host, where a build of SQLite has them.
const FUNCTIONS: [&str; 6] = ["edit", "fsdir", "fts3_tokenizer", "load_extension", "readfile", "writefile"];

/// What would outlive the call on one connection, and not be there on the next.
const TEMPORARY: &str = "a temporary table, view or trigger";

/// Watches over the statements of one connection.
#[derive(Debug, Default)]
pub(super) struct Guard {
    read_only: bool,
    /// Whether the statement is the host's own.
    trusts: AtomicBool,
    /// The most bytes of a text.
    most_bytes: AtomicUsize,
    /// What was refused last.
    refused: Mutex<Option<String>>,
}

impl Guard {
    pub(super) fn new(read_only: bool) -> Self {
        Self { read_only, ..Self::default() }
    }

    /// Begins to watch.
    pub(super) fn watch(self: &Arc<Self>, connection: &mut Connection) -> rusqlite::Result<()> {
        let guard = self.clone();
        connection.authorizer(Some(move |context: AuthContext<'_>| guard.judge(&context)))
    }

    /// Does something with statements of the host's own, such as `BEGIN`.
    pub(super) fn trusting<T>(&self, work: impl FnOnce() -> T) -> T {
        self.trusts.store(true, Ordering::Relaxed);
        let result = work();
        self.trusts.store(false, Ordering::Relaxed);
        result
    }

    /// The most bytes of a text that a function makes.
    pub(super) fn most_bytes(&self) -> usize {
        self.most_bytes.load(Ordering::Relaxed)
    }

    /// Sets it.
    pub(super) fn limit_bytes(&self, most: usize) {
        self.most_bytes.store(most, Ordering::Relaxed);
    }

    /// What was refused since this was asked last.
    pub(super) fn take_refused(&self) -> Option<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn judge(&self, context: &AuthContext<'_>) -> Authorization {
        if self.trusts.load(Ordering::Relaxed) {
            return Authorization::Allow;
        }
        let Some(refused) = self.objection(context) else { return Authorization::Allow };
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(refused);
        Authorization::Deny
    }

    /// Why something is refused, if it is.
    fn objection(&self, context: &AuthContext<'_>) -> Option<String> {
        let is_one_of = |names: &[&str], name: &str| names.iter().any(|one| one.eq_ignore_ascii_case(name));
        match &context.action {
            AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => None,
            AuthAction::Function { function_name } if !is_one_of(&FUNCTIONS, function_name) => None,
            AuthAction::Function { function_name } => Some(format!("the function `{function_name}`")),
            // An argument names a table.
            AuthAction::Pragma { pragma_name, .. } if is_one_of(&PRAGMAS, pragma_name) => None,
            AuthAction::Pragma { pragma_name, pragma_value: None }
                if is_one_of(&FILE_PRAGMAS, pragma_name) =>
            {
                None
            }
            AuthAction::Pragma { pragma_name, .. } => Some(format!("`PRAGMA {pragma_name}`")),
            AuthAction::Attach { .. } => Some("`ATTACH` and `VACUUM`".to_owned()),
            AuthAction::Detach { .. } => Some("`DETACH`".to_owned()),
            AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
                Some("a statement that begins or ends transactions".to_owned())
            }
            // `CREATE TABLE temp.t` is none of those below.
            _ if context.database_name == Some("temp") => Some(TEMPORARY.to_owned()),
            AuthAction::CreateTempIndex { .. }
            | AuthAction::CreateTempTable { .. }
            | AuthAction::CreateTempTrigger { .. }
            | AuthAction::CreateTempView { .. }
            | AuthAction::DropTempIndex { .. }
            | AuthAction::DropTempTable { .. }
            | AuthAction::DropTempTrigger { .. }
            | AuthAction::DropTempView { .. } => Some(TEMPORARY.to_owned()),
            AuthAction::CreateVtable { module_name, .. } | AuthAction::DropVtable { module_name, .. }
                if !is_one_of(&MODULES, module_name) =>
            {
                Some(format!("the module `{module_name}`"))
            }
            AuthAction::CreateIndex { .. }
            | AuthAction::CreateTable { .. }
            | AuthAction::CreateTrigger { .. }
            | AuthAction::CreateView { .. }
            | AuthAction::CreateVtable { .. }
            | AuthAction::Delete { .. }
            | AuthAction::DropIndex { .. }
            | AuthAction::DropTable { .. }
            | AuthAction::DropTrigger { .. }
            | AuthAction::DropView { .. }
            | AuthAction::DropVtable { .. }
            | AuthAction::Insert { .. }
            | AuthAction::Update { .. }
            | AuthAction::AlterTable { .. }
            | AuthAction::Reindex { .. }
            | AuthAction::Analyze { .. } => {
                self.read_only.then(|| "writing: the plug-in may only read (grant `read_only`)".to_owned())
            }
            _ => Some("this kind of statement".to_owned()),
        }
    }
}
