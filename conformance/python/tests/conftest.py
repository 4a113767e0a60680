"""What the tests share: the package `extism`, on the library that `--library` names, else on its own."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance_runner import library
from conformance_runner.load import CONFORMANCE
from conformance_runner.server import Server

GUESTS = CONFORMANCE.parent / "guests"

# Lends the input's block to a host function, and answers with the block that it returns.
THROUGH_THE_HOST = b"""(module
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/user" "host" (func $host (param i64) (result i64)))
  (func (export "run") (result i32)
    (local $answer i64)
    (local.set $answer (call $host (call $input_offset)))
    (call $output_set (local.get $answer) (call $length (local.get $answer)))
    (i32.const 0)))"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--library", type=Path, help="what `extism` uses instead of its own library")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--library")
    if path is not None:
        library.use(path)


@pytest.fixture(scope="session")
def extism() -> Any:
    return importlib.import_module("extism")


@pytest.fixture(scope="session")
def library_path(request: pytest.FixtureRequest) -> Path:
    """The library that is tested, for programs that are started."""
    return Path(request.config.getoption("--library") or library.public()).resolve()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running
