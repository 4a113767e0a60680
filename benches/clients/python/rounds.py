"""What the clients in Python have in common: rounds of calls."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any


def run(module: Any) -> None:
    """Makes a round of calls for each line on standard input, and prints the nanoseconds that a call took."""
    # It makes libraries in Rust capture a backtrace with each error.
    os.environ.pop("RUST_BACKTRACE", None)
    wasm, function = Path(sys.argv[2]).read_bytes(), sys.argv[3]
    data = bytes((index * 31 + index // 251) % 256 for index in range(int(sys.argv[4])))
    calls = range(int(sys.argv[5]))
    with module.Plugin(wasm) as plugin:
        call = plugin.call
        output = call(function, data)
        if output not in (b"", data):
            raise AssertionError("the output is not the input")
        size = len(output)
        for _ in sys.stdin:
            start = time.perf_counter_ns()
            for _ in calls:
                if len(call(function, data)) != size:
                    raise AssertionError("the output has changed")
            print((time.perf_counter_ns() - start) / len(calls), flush=True)
