"""The runner: reading cases, and the rule that leaves some out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance_runner.case import Case, InvalidCaseError, parse_case
from conformance_runner.load import LoadedCase, load
from conformance_runner.rule import MANIFEST_AND_OPTIONS, left_out
from conformance_runner.run import source
from conformance_runner.server import Server
from conformance_runner.surface import Ability
from conformance_runner.world import World

from .conftest import GUESTS

STEP = {"function": "f", "expect": "any_output"}


def case(**fields: Any) -> Case:
    if "load_error" not in fields:
        fields.setdefault("steps", [STEP])
    if not {"manifest", "source", "source_base64"} & fields.keys():
        fields.setdefault("guest", "wat/a.wat")
    return parse_case({"name": "n", **fields})


def test_the_cases_of_the_repository_can_be_read() -> None:
    assert len(load()) >= 500


@pytest.mark.parametrize(
    "fields",
    [
        {"stepz": []},
        {"source": "(module)", "guest": "wat/a.wat"},
        {"steps": []},
        {"load_error": {"kind": "Link"}, "steps": [STEP]},
        {"load_error": {"kind": "Lnk"}},
        {"load_error": {}},
        {"options": {"wasm": True}},
        {"options": {"memory": {"max_page": 1}}},
        {"options": {"log_level": "loud"}},
        {"steps": [{**STEP, "expect": "some_output"}]},
        {"steps": [{**STEP, "expect": {"output": "", "error": {"kind": "Trap"}}}]},
        {"steps": [{**STEP, "expect": {"error": {"kind": "Trap", "cod": 1}}}]},
        {"steps": [{**STEP, "input": "", "input_base64": ""}]},
        {"steps": [{**STEP, "input_base64": "%"}]},
        {"steps": [{**STEP, "repeat": 0}]},
        {"live_plugins": 0},
    ],
)
def test_what_is_no_case_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidCaseError):
        case(**fields)


def test_a_list_of_guests_is_a_case_for_each(tmp_path: Path) -> None:
    written = {"name": "n", "guest": ["wat/a.wat", "build/b.wasm"], "steps": [STEP]}
    file = tmp_path / "some.json"
    file.write_text(json.dumps({"topic": "some", "about": "", "cases": [written]}))
    assert [(loaded.case.name, loaded.case.guest) for loaded in load(tmp_path)] == [
        ("n (a)", "wat/a.wat"),
        ("n (b)", "build/b.wasm"),
    ]
    (tmp_path / "other.json").write_text(file.read_text().replace("some", "other"))
    with pytest.raises(InvalidCaseError, match="the same name"):
        load(tmp_path)


def test_a_guest_that_is_not_built_is_named() -> None:
    built = {"manifest": {"wasm": [{"path": "{guests}/build/none.wasm"}]}}
    assert LoadedCase("topic", case(**built), {}).unbuilt_guest(GUESTS) == "build/none.wasm"
    assert LoadedCase("topic", case(), {}).unbuilt_guest(GUESTS) is None


def test_placeholders_are_replaced_everywhere(server: Server) -> None:
    with World(server, GUESTS) as world:
        filled = world.fill({"{tmp}": ["{http}/a?{http_other}", 1, {"x": '{"count":3}'}]})
        ((folder, rest),) = filled.items()
        assert rest == [f"{server.url}/a?{server.other_url}", 1, {"x": '{"count":3}'}]
        world.create({"a/b.txt": "text"})
        assert (Path(folder) / "a" / "b.txt").read_text() == "text"
    assert not Path(folder).exists()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, None),
        ({"host_functions": ["host_add"]}, None),
        ({"options": {"fuel": 1, "timeout_ms": 1, "wasi": True, "http_response_headers": True}}, None),
        ({"host_functions": ["host_try_fail"]}, Ability.ERRORS_AS_VALUES.value),
        ({"host_functions": ["host_fail"]}, Ability.HOST_ERRORS.value),
        ({"host_functions": ["host_sleep_ms"]}, Ability.ASYNC_HOST_FUNCTIONS.value),
        ({"options": {"env": {"A": "1"}}}, Ability.WASI_WORLD.value),
        ({"options": {"stdio": "capture"}}, Ability.WASI_WORLD.value),
        ({"options": {"max_output_bytes": 1}}, Ability.OTHER_LIMITS.value),
        ({"source": "(module)", "options": {"config": {"a": "b"}}}, MANIFEST_AND_OPTIONS),
        ({"source": "(module)", "options": {"wasi": True}}, None),
    ],
)
def test_what_cannot_be_expressed_is_left_out(fields: dict[str, Any], reason: str | None) -> None:
    assert left_out(case(**fields), frozenset()) == reason


def test_bad_offsets_are_left_out_only_where_a_host_function_gets_them() -> None:
    failing = {"steps": [{**STEP, "expect": {"error": {"kind": "Contract"}}}]}
    assert left_out(case(**failing), frozenset()) is None
    lent = case(**failing, host_functions=["host_echo"])
    assert left_out(lent, frozenset()) == Ability.CHECKED_OFFSETS.value
    assert left_out(lent, {Ability.CHECKED_OFFSETS}) is None


def test_options_become_a_manifest(server: Server) -> None:
    options = {"config": {"a": "b"}, "memory": {"max_pages": 0}, "timeout_ms": 0, "allowed_hosts": ["h"]}
    with World(server, GUESTS) as world:
        path = str(GUESTS.resolve() / "wat" / "a.wat")
        manifest = {"wasm": [{"path": path}], **options}
        assert json.loads(source(case(options=options), world)) == manifest
        assert source(case(source="(module)"), world) == b"(module)"
