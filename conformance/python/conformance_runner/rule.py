"""The rule that decides what a module's surface can express of a case."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .case import Case
from .surface import Ability

MANIFEST_AND_OPTIONS = "a manifest is given as it stands, and has no place for the case's options"


def left_out(case: Case, abilities: Collection[Ability]) -> str | None:
    """The reason why a case cannot be expressed, if there is one."""
    for needed in _needs(case):
        if needed not in abilities:
            return needed.value
    if case.source is not None or case.source_base64 is not None:
        # What is given as it stands may be broken on purpose, or be a manifest in another language.
        return MANIFEST_AND_OPTIONS if limits_and_grants(case) else None
    return None


def _needs(case: Case) -> Iterator[Ability]:
    options = case.options
    functions = {asked.name for asked in case.host_functions}
    if "host_try_fail" in functions:
        yield Ability.ERRORS_AS_VALUES
    if "host_fail" in functions:
        yield Ability.HOST_ERRORS
    if "host_sleep_ms" in functions:
        yield Ability.ASYNC_HOST_FUNCTIONS
    errors = [step.expected_error() for step in case.steps]
    if functions and any(error is not None and error.kind == "Contract" for error in errors):
        yield Ability.CHECKED_OFFSETS
    if options.env or options.args or options.stdin is not None or options.stdio != "closed":
        yield Ability.WASI_WORLD
    if options.max_log_bytes is not None or options.max_output_bytes is not None:
        yield Ability.OTHER_LIMITS


def limits_and_grants(case: Case) -> dict[str, object]:
    """The options of a case that a manifest expresses, as it does."""
    options = case.options
    memory = {name: limit for name, limit in vars(options.memory).items() if limit is not None}
    fields: dict[str, object] = {
        "config": options.config,
        "allowed_hosts": options.allowed_hosts,
        "allowed_paths": options.allowed_paths,
        "memory": memory,
    }
    given = {name: value for name, value in fields.items() if value}
    if options.timeout_ms is not None:
        given["timeout_ms"] = options.timeout_ms
    return given
