//! The transaction of a call.

use super::Answer;
use crate::{Code, Failure};

/// What a call's transaction is at. Both databases do the same after a failure: PostgreSQL's way, the stricter one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Transaction {
    /// Each statement is a transaction of its own.
    #[default]
    None,
    /// Begun, and nothing has failed in it.
    Open,
    /// Begun, and a statement has failed in it.
    Failed,
}

impl Transaction {
    /// Whether there is one.
    pub(super) fn is_begun(self) -> bool {
        self != Self::None
    }

    /// Checks that one can begin.
    ///
    /// # Errors
    ///
    /// `Invalid` in a transaction.
    pub(super) fn may_begin(self) -> Answer<()> {
        match self {
            Self::None => Ok(()),
            Self::Open | Self::Failed => {
                Err(Failure::invalid("sql_begin: the call has a transaction already: commit it first"))
            }
        }
    }

    /// Checks that a statement can be run.
    ///
    /// # Errors
    ///
    /// `Conflict` after a failure.
    pub(super) fn may_run(self) -> Answer<()> {
        match self {
            Self::None | Self::Open => Ok(()),
            Self::Failed => Err(Failure::new(
                Code::Conflict,
                "a statement of this transaction has failed before: call sql_rollback, then begin again",
            )),
        }
    }

    /// Checks that it can be ended by the function of this name.
    ///
    /// # Errors
    ///
    /// `Invalid` without a transaction.
    pub(super) fn may_end(self, function: &str) -> Answer<()> {
        if self.is_begun() {
            return Ok(());
        }
        Err(Failure::invalid(format!("{function}: the call has no transaction: call sql_begin first")))
    }

    /// Notes what became of a statement.
    pub(super) fn note<T>(&mut self, answer: &Answer<T>) {
        if answer.is_err() && *self == Self::Open {
            *self = Self::Failed;
        }
    }
}

/// What is said when a transaction in which a statement failed was to be committed: it is rolled back instead.
pub(super) fn rolled_back() -> Failure {
    Failure::new(
        Code::Conflict,
        "sql_commit: a statement of the transaction has failed, so that it was rolled back",
    )
}

/// Checks that a statement does not begin or end transactions by itself, so that each has its end with the call.
///
/// # Errors
///
/// `Invalid` when it does.
pub(super) fn check_statement(statement: &str) -> Answer<()> {
    const OURS: [&str; 9] = [
        "abort",
        "begin",
        "commit",
        "end",
        "prepare transaction",
        "release",
        "rollback",
        "savepoint",
        "start",
    ];
    let words = first_words(statement);
    if OURS.iter().any(|ours| words == *ours || words.starts_with(&format!("{ours} "))) {
        let word = words.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        return Err(Failure::invalid(format!(
            "`{word}` is not for statements: use sql_begin, sql_commit and sql_rollback"
        )));
    }
    if words == "copy" || words.starts_with("copy ") {
        return Err(Failure::new(Code::Forbidden, "`COPY` is not allowed: use INSERT and SELECT"));
    }
    Ok(())
}

/// The first two words of a statement in lower case, after blanks, empty statements and comments, which may be nested.
fn first_words(statement: &str) -> String {
    let mut words = Vec::new();
    let mut rest = statement;
    while words.len() < 2 {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
        if words.is_empty() {
            rest = rest.trim_start_matches(';');
        }
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.find(['\n', '\r']).map_or("", |end| &comment[end..]);
        } else if rest.starts_with("/*") {
            rest = after_comment(rest);
        } else if rest.starts_with(char::is_whitespace) || words.is_empty() && rest.starts_with(';') {
            let blank = rest.chars().next().map_or(0, char::len_utf8);
            rest = &rest[blank..];
        } else {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            if end == 0 {
                break;
            }
            words.push(rest[..end].to_ascii_lowercase());
            rest = &rest[end..];
        }
        if rest.is_empty() {
            break;
        }
    }
    words.join(" ")
}

/// What follows the comment at the start of a text.
fn after_comment(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut rest = text;
    loop {
        match (rest.find("/*"), rest.find("*/")) {
            (Some(open), close) if close.is_none_or(|close| open < close) => {
                depth += 1;
                rest = &rest[open + 2..];
            }
            (_, Some(close)) => {
                depth = depth.saturating_sub(1);
                rest = &rest[close + 2..];
                if depth == 0 {
                    return rest;
                }
            }
            _ => return "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check_statement;

    #[test]
    fn statements_cannot_end_transactions() {
        for bad in [
            "COMMIT",
            "commit;",
            " \t\n\x0b\x0cRollBack to x",
            "-- a\ncommit",
            "/* a /* b */ */ commit",
            "; ;commit",
            "begin",
            "START TRANSACTION",
            "savepoint a",
            "end",
            "prepare/**/transaction 'x'",
            "copy t to stdout",
            "COPY(select 1) to program 'x'",
        ] {
            assert!(check_statement(bad).is_err(), "`{bad}` was taken");
        }
        for good in [
            "select 1",
            "prepare x as select 1",
            "",
            "-- commit",
            "committed",
            "/* commit",
            "with commit as (select 1) select",
        ] {
            assert!(check_statement(good).is_ok(), "`{good}` was refused");
        }
    }
}
