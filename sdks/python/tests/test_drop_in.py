"""Programs that are written for the public SDK: they print the same with it and with this package under its name."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent
PROGRAMS = sorted((HERE / "drop_in").glob("*.py"))

#: Runs a program with this package as `extism`, if asked to. The public package's own list of names is given to it.
RUN = """
import runpy, sys
program, module = sys.argv[1:]
import extism
names = list(extism.__all__)
if module == "plugwright":
    for name in [name for name in sys.modules if name.partition(".")[0] == "extism"]:
        del sys.modules[name]
    import plugwright
    assert set(names) <= set(plugwright.__all__), names
    plugwright.__all__ = names
    sys.modules["extism"] = plugwright
runpy.run_path(program, {"PUBLIC_NAMES": names}, "__main__")
"""


def output(program: pathlib.Path, module: str) -> str:
    command = [sys.executable, "-c", RUN, str(program), module]
    ran = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
    return ran.stdout


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_a_program_of_the_public_sdk(program: pathlib.Path) -> None:
    public = output(program, "extism")
    assert public
    assert output(program, "plugwright") == public
