//! From what the command printed and returned to what a case compares.

use plugwright_conformance::{Failure, Outcome, Step};
use serde::Deserialize;

use crate::command::Ended;
use crate::expressible::COMMAND;
use crate::messages;

/// The error object of `--json`, of which the cases need this much.
#[derive(Deserialize)]
struct Report {
    kind: String,
    message: String,
    plugin: Option<String>,
    function: Option<String>,
    code: Option<i32>,
    #[serde(default)]
    missing: Vec<Import>,
}

#[derive(Deserialize)]
struct Import {
    module: String,
    name: String,
    #[serde(rename = "type")]
    ty: String,
}

/// How loading failed, if it did.
pub(crate) fn of_load(ended: &Ended) -> Result<Option<Failure>, String> {
    let stderr = String::from_utf8_lossy(&ended.stderr);
    let (_, report) = report(ended, &stderr)?;
    let Some(report) = report else { return Ok(None) };
    if !ended.stdout.is_empty() {
        return Err("an error left something on standard output".to_owned());
    }
    match &report.function {
        // The function that the command line needs to have does not exist, so that it is what fails without a load error.
        Some(_) => Ok(None),
        None => Ok(Some(report.into())),
    }
}

/// What the calls did.
pub(crate) fn of_call(step: &Step, ended: &Ended) -> Result<Outcome, String> {
    let stderr = String::from_utf8_lossy(&ended.stderr);
    let (stderr, report) = report(ended, &stderr)?;
    let (logs, stderr) = messages::split(stderr);
    let is_command = step.function == COMMAND;
    let (printed, output) = match &step.expect_stdout {
        // A command prints first, and its output follows.
        Some(expected) if is_command && ended.stdout.starts_with(expected.as_bytes()) => {
            ended.stdout.split_at(expected.len())
        }
        _ if is_command => (&*ended.stdout, &b""[..]),
        _ => (&b""[..], &*ended.stdout),
    };
    let result = match report {
        None => Ok(output.to_vec()),
        Some(_) if !output.is_empty() => return Err("an error left something on standard output".to_owned()),
        Some(report) => {
            if report.function.as_deref() != Some(&*step.function) {
                return Err(format!(
                    "the error names the function {:?}: {}",
                    report.function, report.message
                ));
            }
            Err(report.into())
        }
    };
    let (stdout, stderr) = if is_command {
        (printed.to_vec(), stderr)
    } else {
        // What other functions print to standard output follows what they print to standard error.
        match step.expect_stdout.as_deref().and_then(|stdout| Some((stdout, stderr.strip_suffix(stdout)?))) {
            Some((stdout, stderr)) => (stdout.as_bytes().to_vec(), stderr.to_owned()),
            None => (Vec::new(), stderr),
        }
    };
    Ok(Outcome { result, logs: Some(logs), stdout: Some(stdout), stderr: Some(stderr.into_bytes()) })
}

/// The error, if there was one, and what stands before it on standard error. Checks that the exit code fits.
fn report<'a>(ended: &Ended, stderr: &'a str) -> Result<(&'a str, Option<Report>), String> {
    if ended.code == Some(0) {
        return Ok((stderr, None));
    }
    let lines = stderr.strip_suffix('\n').unwrap_or(stderr);
    let (before, last) = lines.split_at(lines.rfind('\n').map_or(0, |at| at + 1));
    let report: Report = serde_json::from_str(last)
        .map_err(|error| format!("exit code {:?}, but no error object: {error}: {stderr}", ended.code))?;
    let expected = exit_code(&report);
    if ended.code != Some(expected) {
        return Err(format!(
            "exit code {:?} instead of {expected} for {}: {}",
            ended.code, report.kind, report.message
        ));
    }
    Ok((before, Some(report)))
}

/// The exit code that `docs/cli.md` promises for an error.
fn exit_code(report: &Report) -> i32 {
    match (&*report.kind, report.code) {
        ("Guest" | "Exit", Some(code @ 1..=125)) => code,
        ("Timeout", _) => 124,
        _ => 1,
    }
}

impl From<Report> for Failure {
    fn from(report: Report) -> Self {
        let Report { kind, mut message, plugin, function, code, missing } = report;
        if kind != "Guest" {
            // A person sees all of them in one line; the object has them apart.
            let imports =
                missing.into_iter().map(|Import { module, name, ty }| format!("{module}.{name} {ty}"));
            message = [plugin, function]
                .into_iter()
                .flatten()
                .chain([message])
                .chain(imports)
                .collect::<Vec<_>>()
                .join(": ");
        }
        Self { kind, code, message }
    }
}
