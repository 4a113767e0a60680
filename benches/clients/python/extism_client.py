"""Calls a plug-in by the public package ``extism``, for ``cargo xtask bench --clients``.

Arguments: library, WASM, function, bytes of the input, calls in a round. The library is the public one or ours.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import rounds

from conformance_runner import library

library.use(Path(sys.argv[1]))
rounds.run(importlib.import_module("extism"))
