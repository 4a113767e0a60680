"""Comparing what happened with what a case expects."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .case import ExpectError, ExpectLog, InvalidCaseError, Repeat, Step, decode_base64, parse

SHOWN_BYTES = 200


class MismatchError(Exception):
    """What happened is not what was expected; the message is the difference."""


@dataclass(frozen=True)
class Failure:
    """How a call or a load failed. `kind` and `code` are `None` where the surface under test does not tell them."""

    message: str
    kind: str | None = None
    code: int | None = None

    def __str__(self) -> str:
        kind = self.kind or "an error of an unknown kind"
        return f"{kind}{'' if self.code is None else f' (code {self.code})'}: {self.message}"


@dataclass(frozen=True)
class LogLine:
    """A message that the guest logged."""

    level: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """What a call did."""

    result: bytes | Failure
    logs: list[LogLine]
    # What it wrote to standard output and error; `None` where that cannot be known.
    stdout: bytes | None = None
    stderr: bytes | None = None


def check_step(step: Step, outcome: Outcome) -> None:
    """Compares a call with its step; raises `MismatchError` for the first difference."""
    expected = step.expected_error()
    result = outcome.result
    if expected is not None:
        if not isinstance(result, Failure):
            raise MismatchError(f"succeeded with {show(result)}, but {expected.kind} was expected")
        check_error(expected, result)
    elif isinstance(result, Failure):
        raise MismatchError(f"failed: {result}")
    else:
        check_output(step.expect, result)
    if step.expect_logs is not None:
        check_logs(step.expect_logs, outcome.logs)
    for expected_text, written in ((step.expect_stdout, outcome.stdout), (step.expect_stderr, outcome.stderr)):
        if None not in (expected_text, written):
            same(str(expected_text).encode(), written or b"")


def check_load(expected: ExpectError | None, failure: Failure | None) -> None:
    """Compares how loading failed, or that it did not, with what a case expects."""
    if expected is None:
        if failure is not None:
            raise MismatchError(f"loading failed: {failure}")
    elif failure is None:
        raise MismatchError(f"loading succeeded, but {expected.kind} was expected")
    else:
        check_error(expected, failure)


def check_output(expect: Any, output: bytes) -> None:
    """Compares the output of a call that succeeded."""
    if expect == "any_output":
        return
    ((how, value),) = expect.items()
    if how == "output":
        same(value.encode(), output)
    elif how == "output_base64":
        same(decode_base64(how, value), output)
    elif how == "output_repeat":
        same(parse(Repeat, value, how).bytes(), output)
    elif how == "output_length":
        if len(output) != value:
            raise MismatchError(f"{len(output)} bytes of output instead of {value}")
    elif how == "output_contains":
        contains_all(output.decode(errors="replace"), value, "output")
    elif how == "output_json":
        try:
            got = json.loads(output)
        except ValueError as error:
            raise MismatchError(f"output {show(output)} is not JSON: {error}") from error
        if not same_json(got, value):
            raise MismatchError(f"output {show(output)} instead of {json.dumps(value)}")
    else:
        raise InvalidCaseError(f"`{how}` is no expectation")


def check_error(expected: ExpectError, failure: Failure) -> None:
    """Compares how a call or a load failed."""
    if failure.kind is not None and expected.kind != failure.kind:
        raise MismatchError(f"{expected.kind} was expected, but got {failure}")
    if None not in (expected.code, failure.code) and expected.code != failure.code:
        raise MismatchError(f"code {expected.code} was expected, but got {failure}")
    if "\n" in failure.message and expected.kind != "Guest":
        raise MismatchError(f"the message has more than one line: {failure.message!r}")
    contains_all(failure.message, expected.message_contains, "message")


def check_logs(expected: list[ExpectLog], logs: list[LogLine]) -> None:
    """Compares all messages of a call, in order."""
    for index, (want, line) in enumerate(zip(expected, logs, strict=False)):
        if want.level != line.level or want.contains not in line.message:
            got = show(line.message.encode())
            raise MismatchError(f"log message {index} is {line.level} {got} instead of {want}")
    if len(expected) != len(logs):
        raise MismatchError(f"{len(logs)} log messages instead of {len(expected)}")


def contains_all(text: str, parts: list[str], what: str) -> None:
    """Checks that a text contains all of these."""
    for part in parts:
        if part not in text:
            raise MismatchError(f"the {what} {show(text.encode())} does not contain {part!r}")


def same(expected: bytes, got: bytes) -> None:
    """Checks that bytes are the same."""
    if expected != got:
        raise MismatchError(f"output {show(got)} instead of {show(expected)}")


def same_json(a: Any, b: Any) -> bool:
    """Whether values are the same in JSON, where other than in Python `true` is not 1 and 1.0 is not 1."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_json(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same_json, a, b))
    return type(a) is type(b) and bool(a == b)


def show(data: bytes) -> str:
    """Bytes for a person: their beginning as text, and how many they are."""
    more = "…" if len(data) > SHOWN_BYTES else ""
    return f"{data[:SHOWN_BYTES].decode(errors='replace')!r}{more} ({len(data)} bytes)"
