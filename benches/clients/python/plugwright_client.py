"""Calls a plug-in by our own package ``plugwright``, for ``cargo xtask bench --clients``.

Arguments: those of ``extism_client.py``, of which the library is not looked at: the package brings its own.
"""

from __future__ import annotations

import importlib

import rounds

rounds.run(importlib.import_module("plugwright"))
