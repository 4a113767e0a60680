//! The rule that decides what the command line can express of a case.

use plugwright_conformance::{Case, Expect, Options, Stdio, Step};

/// The function of a WASI command.
pub(crate) const COMMAND: &str = "_start";

/// What one run of the command does of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it: loading fails.
    Load,
    /// All of it: one step, with so many calls.
    Calls(u32),
    /// The first call of the first step: the plug-in is as fresh then as the case has it. What comes later needs a plug-in
    /// that outlives a process.
    FirstCall,
}

/// What can be expressed of a case; the error is the reason why nothing can.
pub(crate) fn expressible(case: &Case) -> Result<Part, &'static str> {
    if !case.host_functions.is_empty() {
        return Err("the command line has no host functions");
    }
    if case.live_plugins > 1 {
        return Err("a process has one plug-in");
    }
    options(&case.options)?;
    let Some(step) = case.steps.first() else { return Ok(Part::Load) };
    streams(&case.options, step)?;
    let calls = if can_repeat(step) { step.repeat } else { 1 };
    let is_whole = case.steps.len() == 1 && calls == step.repeat;
    Ok(if is_whole { Part::Calls(calls) } else { Part::FirstCall })
}

/// Whether options have flags that mean the same.
fn options(options: &Options) -> Result<(), &'static str> {
    if options.timeout_ms == Some(0) {
        return Err("--timeout 0 is no timeout");
    }
    let needs_wasi = !options.env.is_empty() || !options.args.is_empty() || options.stdin.is_some();
    if needs_wasi && !options.wasi {
        return Err("--env, arguments and standard input need --wasi");
    }
    // The program's name is that of the plug-in's file.
    if options.args.first().is_some_and(|name| name.is_empty() || name.contains(['/', '\\'])) {
        return Err("the program's name is not one of a file");
    }
    Ok(())
}

/// Whether input and output can be told from what WASI reads and writes.
fn streams(options: &Options, step: &Step) -> Result<(), &'static str> {
    let is_command = options.wasi && step.function == COMMAND;
    if options.stdin.is_some() && !is_command {
        return Err("only a WASI command reads standard input");
    }
    if is_command
        && step.expect_stdout.is_none()
        && !matches!(step.expect, Expect::AnyOutput | Expect::Error(_))
    {
        return Err("a command's output follows what it prints, which the case leaves open");
    }
    if is_command && options.stdio == Stdio::Closed && step.expect_stdout.is_some() {
        return Err("what a command prints cannot be turned off");
    }
    if !is_command
        && options.stdio == Stdio::Capture
        && step.expect_stdout.is_some() != step.expect_stderr.is_some()
    {
        return Err("standard output goes where standard error goes, of which the case leaves one open");
    }
    Ok(())
}

/// Whether `--repeat` can make the calls of a step: it ends at an error, and adds up what is printed.
fn can_repeat(step: &Step) -> bool {
    let fails = matches!(step.expect, Expect::Error(_));
    !fails && step.expect_stdout.is_none() && step.expect_stderr.is_none()
}

#[cfg(test)]
mod tests {
    use plugwright_conformance::Case;
    use serde_json::{Value, json};

    use super::{Part, expressible};

    fn case(fields: Value) -> Case {
        let mut case = json!({"name": "n", "source": "(module)"});
        case.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        serde_json::from_value(case).unwrap()
    }

    fn part(fields: Value) -> Option<Part> {
        expressible(&case(fields)).ok()
    }

    #[test]
    fn one_process_makes_one_call_or_the_same_repeatedly() {
        let step = json!({"function": "f", "expect": "any_output"});
        assert_eq!(part(json!({"load_error": {"kind": "Link"}})), Some(Part::Load));
        assert_eq!(part(json!({"steps": [step]})), Some(Part::Calls(1)));
        assert_eq!(part(json!({"steps": [step, step]})), Some(Part::FirstCall));
        let repeated = json!({"function": "f", "repeat": 3, "expect": {"output": ""}});
        assert_eq!(part(json!({"steps": [repeated]})), Some(Part::Calls(3)));
        let failing = json!({"function": "f", "repeat": 3, "expect": {"error": {"kind": "Trap"}}});
        assert_eq!(part(json!({"steps": [failing]})), Some(Part::FirstCall));
    }

    #[test]
    fn what_has_no_flag_is_left_out() {
        let step = json!({"function": "f", "expect": "any_output"});
        for fields in [
            json!({"host_functions": ["host_add"]}),
            json!({"live_plugins": 2}),
            json!({"options": {"timeout_ms": 0}}),
            json!({"options": {"env": {"A": "1"}}}),
            json!({"options": {"wasi": true, "args": ["a/b"]}}),
            json!({"options": {"wasi": true, "stdin": "x"}}),
        ] {
            let mut with_step = fields.clone();
            with_step["steps"] = json!([step]);
            assert_eq!(part(with_step), None, "{fields}");
        }
    }

    #[test]
    fn streams_that_mix_are_left_out() {
        let wasi = |stdio: &str, step: Value| {
            part(json!({"options": {"wasi": true, "stdio": stdio}, "steps": [step]}))
        };
        let one = json!({"function": "f", "expect": {"output": ""}, "expect_stdout": "x"});
        assert_eq!(wasi("capture", one), None);
        let both =
            json!({"function": "f", "expect": {"output": ""}, "expect_stdout": "x", "expect_stderr": ""});
        assert_eq!(wasi("capture", both), Some(Part::Calls(1)));
        let open = json!({"function": "_start", "expect": {"output": ""}});
        assert_eq!(wasi("closed", open), None);
        let printed = json!({"function": "_start", "expect": {"output": ""}, "expect_stdout": "x"});
        assert_eq!(wasi("closed", printed.clone()), None);
        assert_eq!(wasi("capture", printed), Some(Part::Calls(1)));
    }
}
