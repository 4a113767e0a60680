//! Comparing what happened with what a case expects.

use crate::case::{Expect, ExpectError, ExpectLog, LogLevel, Step, decode};

/// How a call or a load failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The error kind's name.
    pub kind: String,
    /// The guest's return code or exit code, for kinds that have one.
    pub code: Option<i32>,
    /// The message, as a person would see it.
    pub message: String,
}

/// A message that the guest logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Its severity.
    pub level: LogLevel,
    /// Its text.
    pub message: String,
}

/// What a call did.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Its output, or how it failed.
    pub result: Result<Vec<u8>, Failure>,
    /// Its log messages; `None` when the runner cannot see them.
    pub logs: Option<Vec<LogLine>>,
    /// What it wrote to standard output; `None` when the runner cannot see it.
    pub stdout: Option<Vec<u8>>,
    /// What it wrote to standard error; `None` when the runner cannot see it.
    pub stderr: Option<Vec<u8>>,
}

/// Compares a call with its step.
///
/// # Errors
///
/// The first difference, in words.
pub fn check_step(step: &Step, outcome: &Outcome) -> Result<(), String> {
    check_result(&step.expect, &outcome.result)?;
    if let (Some(expected), Some(logs)) = (&step.expect_logs, &outcome.logs) {
        check_logs(expected, logs)?;
    }
    check_stream("standard output", step.expect_stdout.as_ref(), outcome.stdout.as_ref())?;
    check_stream("standard error", step.expect_stderr.as_ref(), outcome.stderr.as_ref())
}

/// Compares how loading failed, or that it did not, with what a case expects.
///
/// # Errors
///
/// The first difference, in words.
pub fn check_load_error(expected: Option<&ExpectError>, failure: Option<&Failure>) -> Result<(), String> {
    match (expected, failure) {
        (None, None) => Ok(()),
        (None, Some(failure)) => Err(format!("loading failed: {}", describe(failure))),
        (Some(expected), None) => {
            Err(format!("loading succeeded, but {} was expected", expected.kind.name()))
        }
        (Some(expected), Some(failure)) => check_error(expected, failure),
    }
}

fn check_result(expected: &Expect, result: &Result<Vec<u8>, Failure>) -> Result<(), String> {
    let output = match (expected, result) {
        (Expect::Error(expected), Err(failure)) => return check_error(expected, failure),
        (Expect::Error(expected), Ok(output)) => {
            return Err(format!(
                "succeeded with {}, but {} was expected",
                show(output),
                expected.kind.name()
            ));
        }
        (_, Err(failure)) => return Err(format!("failed: {}", describe(failure))),
        (_, Ok(output)) => output,
    };
    match expected {
        Expect::Output(text) => same_bytes(text.as_bytes(), output),
        Expect::OutputBase64(text) => same_bytes(&decode("output_base64", text)?, output),
        Expect::OutputRepeat(repeat) => same_bytes(&repeat.bytes(), output),
        Expect::OutputLength(length) if *length == output.len() => Ok(()),
        Expect::OutputLength(length) => Err(format!("{} bytes of output instead of {length}", output.len())),
        Expect::OutputContains(parts) => contains_all(&String::from_utf8_lossy(output), parts, "output"),
        Expect::OutputJson(value) => match serde_json::from_slice::<serde_json::Value>(output) {
            Ok(got) if got == *value => Ok(()),
            _ => Err(format!("output {} instead of {value}", show(output))),
        },
        Expect::AnyOutput | Expect::Error(_) => Ok(()),
    }
}

fn check_error(expected: &ExpectError, failure: &Failure) -> Result<(), String> {
    if expected.kind.name() != failure.kind {
        return Err(format!("{} was expected, but got {}", expected.kind.name(), describe(failure)));
    }
    if expected.code.is_some() && expected.code != failure.code {
        return Err(format!("code {:?} was expected, but got {}", expected.code, describe(failure)));
    }
    if failure.message.contains('\n') && failure.kind != "Guest" {
        return Err(format!("the message has more than one line: {:?}", failure.message));
    }
    contains_all(&failure.message, &expected.message_contains, "message")
}

fn check_logs(expected: &[ExpectLog], logs: &[LogLine]) -> Result<(), String> {
    for (index, (expected, line)) in expected.iter().zip(logs).enumerate() {
        if expected.level != line.level || !line.message.contains(&expected.contains) {
            let got = show(line.message.as_bytes());
            return Err(format!("log message {index} is {:?} {got} instead of {expected:?}", line.level));
        }
    }
    if expected.len() == logs.len() {
        Ok(())
    } else {
        Err(format!("{} log messages instead of {}", logs.len(), expected.len()))
    }
}

fn check_stream(name: &str, expected: Option<&String>, got: Option<&Vec<u8>>) -> Result<(), String> {
    match (expected, got) {
        (Some(expected), Some(got)) => {
            same_bytes(expected.as_bytes(), got).map_err(|problem| format!("{name}: {problem}"))
        }
        _ => Ok(()),
    }
}

fn contains_all(text: &str, parts: &[String], what: &str) -> Result<(), String> {
    match parts.iter().find(|part| !text.contains(*part)) {
        Some(missing) => Err(format!("the {what} {} does not contain {missing:?}", show(text.as_bytes()))),
        None => Ok(()),
    }
}

fn same_bytes(expected: &[u8], got: &[u8]) -> Result<(), String> {
    if expected == got { Ok(()) } else { Err(format!("output {} instead of {}", show(got), show(expected))) }
}

fn describe(failure: &Failure) -> String {
    let code = failure.code.map(|code| format!(" (code {code})")).unwrap_or_default();
    format!("{}{code}: {}", failure.kind, failure.message)
}

/// Bytes for a person: their beginning as text, and how many they are.
fn show(bytes: &[u8]) -> String {
    const SHOWN: usize = 200;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]);
    let more = if bytes.len() > SHOWN { "…" } else { "" };
    format!("{text:?}{more} ({} bytes)", bytes.len())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Failure, LogLine, Outcome, check_load_error, check_step};
    use crate::case::{LogLevel, Step};

    fn step(expect: Value) -> Step {
        serde_json::from_value(json!({"function": "f", "expect": expect})).unwrap()
    }

    fn check(expect: Value, result: Result<&str, Failure>) -> bool {
        let result = result.map(|output| output.as_bytes().to_vec());
        check_step(&step(expect), &Outcome { result, logs: None, stdout: None, stderr: None }).is_ok()
    }

    fn guest(code: i32, message: &str) -> Failure {
        Failure { kind: "Guest".to_owned(), code: Some(code), message: message.to_owned() }
    }

    #[test]
    fn outputs_are_compared() {
        assert!(check(json!({"output": "abc"}), Ok("abc")));
        assert!(!check(json!({"output": "abc"}), Ok("abcd")));
        assert!(check(json!({"output_base64": "YWJj"}), Ok("abc")));
        assert!(check(json!({"output_json": {"a": [1]}}), Ok(r#" {"a" : [1]} "#)));
        assert!(!check(json!({"output_json": {"a": [1]}}), Ok(r#"{"a": [2]}"#)));
        assert!(check(json!({"output_contains": ["a", "c"]}), Ok("abc")));
        assert!(!check(json!({"output_contains": ["a", "d"]}), Ok("abc")));
        assert!(check(json!({"output_repeat": {"byte": 97, "count": 3}}), Ok("aaa")));
        assert!(!check(json!({"output_length": 2}), Ok("aaa")));
        assert!(check(json!("any_output"), Ok("whatever")));
        assert!(!check(json!("any_output"), Err(guest(1, ""))));
    }

    #[test]
    fn errors_are_compared() {
        let expect = json!({"error": {"kind": "Guest", "code": 7, "message_contains": ["wrong"]}});
        assert!(check(expect.clone(), Err(guest(7, "went wrong"))));
        assert!(!check(expect.clone(), Err(guest(8, "went wrong"))));
        assert!(!check(expect.clone(), Err(guest(7, "fine"))));
        assert!(!check(expect, Ok("went wrong")));
        let trap = Failure { kind: "Trap".to_owned(), code: None, message: "two\nlines".to_owned() };
        assert!(!check(json!({"error": {"kind": "Trap"}}), Err(trap)));
    }

    #[test]
    fn logs_must_be_complete() {
        let line = |level, message: &str| LogLine { level, message: message.to_owned() };
        let check = |logs| {
            let mut step = step(json!("any_output"));
            step.expect_logs = serde_json::from_value(json!([{"level": "warn", "contains": "odd"}])).unwrap();
            let outcome = Outcome { result: Ok(Vec::new()), logs: Some(logs), stdout: None, stderr: None };
            check_step(&step, &outcome).is_ok()
        };
        assert!(check(vec![line(LogLevel::Warn, "an odd thing")]));
        assert!(!check(vec![line(LogLevel::Error, "an odd thing")]));
        assert!(!check(vec![]));
        assert!(!check(vec![line(LogLevel::Warn, "odd"), line(LogLevel::Warn, "odd")]));
    }

    #[test]
    fn load_errors_are_compared() {
        let expected = serde_json::from_value(json!({"kind": "Link"})).unwrap();
        let failure = Failure { kind: "Link".to_owned(), code: None, message: String::new() };
        assert!(check_load_error(Some(&expected), Some(&failure)).is_ok());
        assert!(check_load_error(None, None).is_ok());
        assert!(check_load_error(Some(&expected), None).is_err());
        assert!(check_load_error(None, Some(&failure)).is_err());
    }
}
