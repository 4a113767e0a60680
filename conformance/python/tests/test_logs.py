"""Logs to a file and to a function, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conformance_runner.logs import guest_line

from .conftest import GUESTS

TESTS = Path(__file__).parent
GUEST = str(GUESTS / "wat" / "abi_log.wat")


def run(program: str, *arguments: str | Path) -> list[str]:
    """The lines that a program of `programs/` prints."""
    command = [sys.executable, "-m", f"tests.programs.{program}", *map(str, arguments)]
    ended = subprocess.run(command, cwd=TESTS.parent, check=True, capture_output=True, text=True)  # noqa: S603
    assert ended.stderr == ""
    return ended.stdout.splitlines()


def test_to_a_file(library_path: Path, tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    run("logs_to_a_file", library_path, file, GUEST)
    lines = [guest_line(line) for line in file.read_text().splitlines()]
    assert [(line.level, line.message) for line in lines if line] == [("warn", "a message"), ("error", "a message")]


def test_to_a_function(library_path: Path) -> None:
    levels = ("info", "warn", "error")
    expected = [f"LogLine(level='{level}', message='a message')" for level in levels]
    assert run("logs_to_a_function", library_path, GUEST) == ["before 0", *expected, "True"] * 2
