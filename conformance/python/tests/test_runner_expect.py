"""The runner: comparing, and reading logs."""

from __future__ import annotations

from typing import Any

import pytest

from conformance_runner.case import ExpectError, parse_case
from conformance_runner.expect import Failure, LogLine, MismatchError, Outcome, check_load, check_step
from conformance_runner.logs import guest_line

TRAP = Failure("it trapped", "Trap")


def check(expect: Any, result: bytes | Failure, **more: Any) -> None:
    step = {"function": "f", "expect": expect, **{name: value for name, value in more.items() if name != "logs"}}
    case = parse_case({"name": "n", "guest": "g", "steps": [step]})
    check_step(case.steps[0], Outcome(result, more.get("logs", [])))


@pytest.mark.parametrize(
    ("expect", "result"),
    [
        ({"output": "abc"}, b"abc"),
        ({"output_base64": "YWJj"}, b"abc"),
        ({"output_json": {"a": [1, 1.5]}}, b' {"a" : [1, 1.5]} '),
        ({"output_contains": ["a", "c"]}, b"abc"),
        ({"output_repeat": {"byte": 97, "count": 3}}, b"aaa"),
        ({"output_length": 3}, b"aaa"),
        ("any_output", b"whatever"),
        ({"error": {"kind": "Trap", "message_contains": ["trap"]}}, TRAP),
        ({"error": {"kind": "Guest", "code": 7}}, Failure("", "Guest", 7)),
        # A surface that does not tell kinds and codes.
        ({"error": {"kind": "Guest", "code": 7, "message_contains": ["wrong"]}}, Failure("went wrong")),
        ({"error": {"kind": "Guest"}}, Failure("two\nlines")),
    ],
)
def test_what_is_expected(expect: Any, result: bytes | Failure) -> None:
    check(expect, result)


@pytest.mark.parametrize(
    ("expect", "result"),
    [
        ({"output": "abc"}, b"abcd"),
        ({"output": "abc"}, TRAP),
        ({"output_base64": "YWJj"}, b"ab"),
        ({"output_json": {"a": [1]}}, b'{"a": [true]}'),
        ({"output_json": {"a": 1}}, b'{"a": 1.0}'),
        ({"output_json": {}}, b"{"),
        ({"output_contains": ["a", "d"]}, b"abc"),
        ({"output_repeat": {"byte": 97, "count": 3}}, b"aaaa"),
        ({"output_length": 2}, b"aaa"),
        ("any_output", TRAP),
        ({"error": {"kind": "Trap"}}, b""),
        ({"error": {"kind": "Trap"}}, Failure("", "Guest", 1)),
        ({"error": {"kind": "Trap"}}, Failure("two\nlines", "Trap")),
        ({"error": {"kind": "Guest", "code": 7}}, Failure("", "Guest", 8)),
        ({"error": {"kind": "Guest", "message_contains": ["wrong"]}}, Failure("fine", "Guest", 1)),
    ],
)
def test_what_is_not(expect: Any, result: bytes | Failure) -> None:
    with pytest.raises(MismatchError):
        check(expect, result)


def test_logs_must_be_complete() -> None:
    expected = [{"level": "warn", "contains": "odd"}]
    check("any_output", b"", expect_logs=expected, logs=[LogLine("warn", "an odd thing")])
    odd, other = LogLine("warn", "odd"), LogLine("error", "odd")
    for logs in ([], [other], [odd, odd], [LogLine("warn", "even")]):
        with pytest.raises(MismatchError):
            check("any_output", b"", expect_logs=expected, logs=logs)


def test_streams_are_compared_where_they_are_known() -> None:
    step = {"function": "f", "expect": "any_output", "expect_stdout": "out", "expect_stderr": ""}
    (parsed,) = parse_case({"name": "n", "guest": "g", "steps": [step]}).steps
    check_step(parsed, Outcome(b"", []))
    check_step(parsed, Outcome(b"", [], b"out", b""))
    for written in ((b"", b""), (b"out", b"err")):
        with pytest.raises(MismatchError):
            check_step(parsed, Outcome(b"", [], *written))


def test_load_errors() -> None:
    check_load(None, None)
    check_load(ExpectError("Trap"), TRAP)
    for expected, failure in ((ExpectError("Link"), None), (None, TRAP), (ExpectError("Link"), TRAP)):
        with pytest.raises(MismatchError):
            check_load(expected, failure)


def test_lines_of_guests() -> None:
    end = ' plugin="8da4"\n'
    assert guest_line(f"2026-11-21T14:27:45Z  WARN extism::pdk: one\ntwo{end}") == LogLine("warn", "one\ntwo")
    assert guest_line(f"2026-11-21T14:27:45Z ERROR plugwright::guest: {end}") == LogLine("error", "")
    assert guest_line(f"2026-11-21T14:27:45Z TRACE extism::plugin: host's own{end}") is None
    ours = '2026-11-21T14:27:45Z  INFO plugwright::guest: a plugin="p" plugin="main" plugin_id=8da4\n'
    assert guest_line(ours) == LogLine("info", 'a plugin="p"')
    assert guest_line("something else") is None
