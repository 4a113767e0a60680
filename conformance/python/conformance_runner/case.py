"""The format of a case: what ``conformance/README.md`` describes, with nothing unknown let through."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar

T = TypeVar("T")

# fmt: off
KINDS = {
    "InvalidManifest", "Load", "HashMismatch", "Compile", "Link", "FunctionNotFound", "Signature", "Guest", "Trap",
    "Contract", "Timeout", "Cancelled", "OutOfFuel", "OutOfMemory", "Exit", "HostFunction", "Http", "Encode", "Decode",
    "Limit",
}

OUTCOMES = {
    "output", "output_base64", "output_json", "output_contains", "output_repeat", "output_length", "error",
}
# fmt: on

LEVELS = ("trace", "debug", "info", "warn", "error", "off")


class InvalidCaseError(ValueError):
    """A case that does not follow the format; the message says where."""


@dataclass(frozen=True)
class Repeat:
    """One byte many times."""

    byte: int
    count: int

    def bytes(self) -> bytes:
        """The bytes."""
        return bytes([self.byte]) * self.count


@dataclass(frozen=True)
class ExpectError:
    """How a call or a load fails."""

    kind: str
    code: int | None = None
    message_contains: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidCaseError(f"`{self.kind}` is not an error kind")


@dataclass(frozen=True)
class ExpectLog:
    """A log message."""

    level: str
    contains: str

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise InvalidCaseError(f"`{self.level}` is not a level")


@dataclass(frozen=True)
class Memory:
    """The ``memory`` part of a manifest."""

    max_pages: int | None = None
    max_http_response_bytes: int | None = None
    max_var_bytes: int | None = None


@dataclass(frozen=True)
class Options:
    """Limits and grants; what is absent is the host's default."""

    wasi: bool = False
    config: dict[str, str] = field(default_factory=dict)
    allowed_hosts: list[str] = field(default_factory=list)
    allowed_paths: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    args: list[str] = field(default_factory=list)
    stdin: str | None = None
    stdio: str = "closed"
    memory: Memory = field(default_factory=Memory)
    timeout_ms: int | None = None
    fuel: int | None = None
    max_log_bytes: int | None = None
    max_output_bytes: int | None = None
    log_level: str = "info"
    http_response_headers: bool = False

    def __post_init__(self) -> None:
        if self.stdio not in ("closed", "capture"):
            raise InvalidCaseError(f"`stdio` is `{self.stdio}`")
        if self.log_level not in LEVELS:
            raise InvalidCaseError(f"`{self.log_level}` is not a level")


@dataclass(frozen=True)
class HostFunctionUse:
    """A host function as a case asks for it."""

    name: str
    module: str | None = None


@dataclass(frozen=True)
class Step:
    """One call."""

    function: str
    expect: Any
    input: str | None = None
    input_base64: str | None = None
    input_repeat: Repeat | None = None
    repeat: int = 1
    expect_logs: list[ExpectLog] | None = None
    expect_stdout: str | None = None
    expect_stderr: str | None = None

    def __post_init__(self) -> None:
        inputs = (self.input, self.input_base64, self.input_repeat)
        if sum(given is not None for given in inputs) > 1:
            raise InvalidCaseError("give at most one of `input`, `input_base64` and `input_repeat`")
        if self.repeat < 1:
            raise InvalidCaseError("`repeat` must be at least 1")
        if self.expect != "any_output" and not (
            isinstance(self.expect, dict) and len(self.expect) == 1 and self.expect.keys() <= OUTCOMES
        ):
            raise InvalidCaseError(f"`expect` is {self.expect!r}")
        # What these do not accept, they say.
        self.input_bytes()
        self.expected_error()

    def input_bytes(self) -> bytes:
        """The call's input."""
        if self.input is not None:
            return self.input.encode()
        if self.input_base64 is not None:
            return decode_base64("input_base64", self.input_base64)
        return self.input_repeat.bytes() if self.input_repeat is not None else b""

    def expected_error(self) -> ExpectError | None:
        """How the call fails, when it should."""
        if isinstance(self.expect, dict) and "error" in self.expect:
            return parse(ExpectError, self.expect["error"], "expect.error")
        return None


@dataclass(frozen=True)
class Case:
    """A plug-in, its surroundings, and the calls to make."""

    name: str
    about: str = ""
    guest: str | None = None
    manifest: dict[str, Any] | None = None
    source: str | None = None
    source_base64: str | None = None
    options: Options = field(default_factory=Options)
    host_functions: list[HostFunctionUse] = field(default_factory=list)
    kv: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    live_plugins: int = 1
    load_error: ExpectError | None = None
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        sources = (self.guest, self.manifest, self.source, self.source_base64)
        if sum(given is not None for given in sources) != 1:
            raise InvalidCaseError("give exactly one of `guest`, `manifest`, `source` and `source_base64`")
        if (self.load_error is None) != bool(self.steps):
            raise InvalidCaseError("give either `load_error` or `steps`")
        if self.live_plugins < 1:
            raise InvalidCaseError("`live_plugins` must be at least 1")


def parse_case(raw: Mapping[str, Any]) -> Case:
    """A case from the JSON object that it is written as, or an `InvalidCaseError`."""
    values = dict(raw)
    if "options" in values:
        options = dict(values["options"])
        if "memory" in options:
            options["memory"] = parse(Memory, options["memory"], "options.memory")
        values["options"] = parse(Options, options, "options")
    values["host_functions"] = [_host_function(asked) for asked in values.get("host_functions", [])]
    if "load_error" in values:
        values["load_error"] = parse(ExpectError, values["load_error"], "load_error")
    values["steps"] = [_step(step, f"steps[{index}]") for index, step in enumerate(values.get("steps", []))]
    return parse(Case, values, "the case")


def _step(raw: Mapping[str, Any], where: str) -> Step:
    values = dict(raw)
    if "input_repeat" in values:
        values["input_repeat"] = parse(Repeat, values["input_repeat"], f"{where}.input_repeat")
    if "expect_logs" in values:
        logs = values["expect_logs"]
        values["expect_logs"] = [parse(ExpectLog, log, f"{where}.expect_logs") for log in logs]
    return parse(Step, values, where)


def _host_function(asked: Any) -> HostFunctionUse:
    if isinstance(asked, str):
        return HostFunctionUse(asked)
    return parse(HostFunctionUse, asked, "host_functions")


def parse(cls: type[T], raw: Mapping[str, Any], where: str) -> T:
    """A dataclass from an object whose fields it has."""
    known = fields(cls)  # type: ignore[arg-type]  # always called with a dataclass
    unknown = raw.keys() - {item.name for item in known}
    if unknown:
        raise InvalidCaseError(f"{where}: unknown fields: {', '.join(sorted(unknown))}")
    required = {item.name for item in known if item.default is MISSING and item.default_factory is MISSING}
    missing = required - raw.keys()
    if missing:
        raise InvalidCaseError(f"{where}: missing fields: {', '.join(sorted(missing))}")
    return cls(**raw)


def decode_base64(name: str, text: str) -> bytes:
    """The bytes of a field in Base64."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise InvalidCaseError(f"`{name}` is not Base64: {error}") from None
