//! A command, and what a terminal shows after it.

use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Stands for any number of lines where it is a line, and for any text where it is part of one.
const ELLIPSIS: &str = "…";

/// A command, and what a terminal shows after it.
#[derive(Debug, PartialEq)]
pub(crate) struct Exchange {
    /// What is typed.
    pub(crate) command: String,
    /// What is shown, line by line.
    pub(crate) shown: Vec<String>,
}

impl Exchange {
    /// What the block of a console in a README holds: lines that start with `$ ` are commands.
    ///
    /// # Errors
    /// When the block does not start with a command.
    pub(crate) fn parse_all(block: &[&str]) -> Result<Vec<Self>> {
        let mut exchanges: Vec<Self> = Vec::new();
        for line in block {
            if let Some(command) = line.strip_prefix("$ ") {
                exchanges.push(Self { command: command.into(), shown: Vec::new() });
            } else {
                let exchange = exchanges.last_mut().context("a console block must start with a `$ ` line")?;
                exchange.shown.push((*line).into());
            }
        }
        Ok(exchanges)
    }

    /// Runs the command.
    ///
    /// # Errors
    /// When it fails, or shows something else.
    pub(crate) fn check(&self, mut shell: Command) -> Result<()> {
        // As on a terminal, where both streams are seen.
        shell.arg("-c").arg(format!("exec 2>&1; {}", self.command));
        let output = shell.output().context("cannot start a shell")?;
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "`{}` failed: {}\n{text}", self.command, output.status);

        let expected: Vec<&str> = self.shown.iter().map(String::as_str).collect();
        let shown: Vec<&str> = text.trim_end().lines().collect();
        ensure!(
            are(&expected, &shown),
            "`{}` shows\n{text}\nand the README says that it shows\n{}",
            self.command,
            expected.join("\n")
        );
        Ok(())
    }
}

/// Whether these lines are the expected ones.
fn are(expected: &[&str], shown: &[&str]) -> bool {
    match (expected, shown) {
        ([], []) => true,
        ([ELLIPSIS, expected @ ..], _) => (0..=shown.len()).any(|skipped| are(expected, &shown[skipped..])),
        ([line, expected @ ..], [other, shown @ ..]) => is(line, other) && are(expected, shown),
        _ => false,
    }
}

/// Whether this line is the expected one.
fn is(expected: &str, shown: &str) -> bool {
    match expected.split_once(ELLIPSIS) {
        None => expected == shown,
        Some((start, end)) => shown.strip_prefix(start).is_some_and(|rest| rest.ends_with(end)),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{Exchange, are};

    #[test]
    fn lines_are_compared() {
        assert!(are(&[], &[]));
        assert!(are(&["a", "b"], &["a", "b"]));
        assert!(!are(&["a"], &["a", "b"]));
        assert!(!are(&["a", "b"], &["a"]));
        assert!(!are(&["a"], &["A"]));
    }

    #[test]
    fn an_ellipsis_is_any_number_of_lines() {
        for shown in [&["a", "z"][..], &["a", "b", "z"], &["a", "z", "z"]] {
            assert!(are(&["a", "…", "z"], shown), "{shown:?}");
        }
        assert!(are(&["…"], &[]));
        assert!(!are(&["…", "z"], &["z", "a"]));
        assert!(!are(&["…", "a", "…", "z"], &["z", "a"]));
    }

    #[test]
    fn an_ellipsis_in_a_line_is_any_text() {
        assert!(are(&["id=…, done"], &["id=17, done"]));
        assert!(!are(&["id=…, done"], &["id=17, failed"]));
        assert!(!are(&["ab…bc"], &["abc"]));
    }

    #[test]
    fn a_block_holds_several_exchanges() {
        let exchanges = Exchange::parse_all(&["$ a", "1", "2", "$ b"]).unwrap();
        let [a, b] = &exchanges[..] else { panic!("{exchanges:?}") };
        assert_eq!((a.command.as_str(), &a.shown[..]), ("a", &["1".to_owned(), "2".to_owned()][..]));
        assert_eq!((b.command.as_str(), b.shown.len()), ("b", 0));
        assert!(Exchange::parse_all(&["1", "$ a"]).is_err());
    }

    #[test]
    fn both_streams_are_compared_and_failures_are_failures() {
        let exchange =
            |command: &str| Exchange { command: command.into(), shown: vec!["a".into(), "b".into()] };
        exchange("echo a; echo b >&2").check(Command::new("sh")).unwrap();
        let error = exchange("echo a; echo c").check(Command::new("sh")).unwrap_err().to_string();
        assert!(error.contains("shows\na\nc\n") && error.ends_with("shows\na\nb"), "{error}");
        let error = exchange("echo a; echo b; exit 3").check(Command::new("sh")).unwrap_err().to_string();
        assert!(error.contains("exit status: 3"), "{error}");
    }
}
