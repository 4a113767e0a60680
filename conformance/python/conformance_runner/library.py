"""Makes the public package ``extism`` load another library than its own.

The package imports a module ``extism_sys`` for two things: `ffi`, the declarations of the C interface, and `lib`, the
loaded library. A module of that name that is there before the package is imported takes its place.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def use(library: Path) -> None:
    """Makes `extism` use this library. To be called once, before `extism` is imported for the first time."""
    if "extism" in sys.modules or "extism_sys" in sys.modules:
        raise RuntimeError("`extism` is imported already, with another library")
    ffi = _declarations().ffi
    stand_in = ModuleType("extism_sys")
    stand_in.ffi = ffi  # type: ignore[attr-defined]
    stand_in.lib = ffi.dlopen(str(library.resolve(strict=True)))  # type: ignore[attr-defined]
    sys.modules["extism_sys"] = stand_in


def public() -> Path:
    """The library that the package brings."""
    (library,) = _package().glob("libextism_sys.*")
    return library


def _declarations() -> ModuleType:
    """The module with the declarations, without its package, which would load the public library."""
    spec = importlib.util.spec_from_file_location("extism_sys_declarations", _package() / "ffi.py")
    if spec is None or spec.loader is None:
        raise ImportError("`extism_sys` has no declarations")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _package() -> Path:
    spec = importlib.util.find_spec("extism_sys")
    if spec is None or spec.origin is None:
        raise ImportError("the package `extism` is not installed: conformance/python/requirements.txt names it")
    return Path(spec.origin).parent
