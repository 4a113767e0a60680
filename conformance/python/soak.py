"""Makes, calls and frees plug-ins in a loop, and fails when the process grows: ``python soak.py --help``.

Memory that is never given back shows as growth that goes on. What a process takes once, it has after the first tenth of
the cycles: from there to the end, resident memory may grow by less than a twentieth.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import sys
from pathlib import Path
from typing import Any

from conformance_runner import library
from conformance_runner.load import CONFORMANCE

GUEST = CONFORMANCE.parent / "guests" / "wat" / "hazard_17_small.wat"

# Parts of the memory after the first tenth.
MAX_GROWTH = 0.05


def main() -> int:
    """Runs what the arguments say, and returns the exit code."""
    parser = argparse.ArgumentParser("soak", description=__doc__)
    parser.add_argument("--library", type=Path, help="what `extism` uses instead of its own library")
    parser.add_argument("--module", default="extism", choices=["extism", "plugwright"])
    parser.add_argument("--cycles", type=int, default=20_000)
    arguments = parser.parse_args()
    if arguments.library is not None:
        library.use(arguments.library)
    module = importlib.import_module(arguments.module)
    tenth = arguments.cycles // 10
    cycles(module, tenth)
    before = resident_bytes()
    cycles(module, arguments.cycles - tenth)
    after = resident_bytes()
    growth = after / before - 1
    print(f"{arguments.cycles} cycles: {before >> 10} KiB after a tenth, {after >> 10} KiB at the end: {growth:+.1%}")
    return 1 if growth >= MAX_GROWTH else 0


def cycles(module: Any, count: int) -> None:
    """Makes a plug-in, calls it, and frees it, so many times; each fourth is compiled anew, with a host function."""
    i64 = module.ValType.I64

    @module.host_fn(name="unused", signature=([i64], [i64]))
    def unused(_plugin: Any, _params: list[Any], _results: list[Any]) -> None:
        """Is lent, and not called."""

    source = GUEST.read_bytes()
    # The public package does not export this class.
    compiled_plugin = getattr(module, "CompiledPlugin", None) or module.extism.CompiledPlugin
    for number in range(count):
        if number % 4 == 0:
            compiled = compiled_plugin(source, functions=[unused])
        with module.Plugin(compiled, config={"number": str(number)}) as plugin:
            if plugin.call("run", b"input") != b"":
                raise AssertionError("the guest has no output")
    gc.collect()


def resident_bytes() -> int:
    """The memory of this process that is in use, by the system's count."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
