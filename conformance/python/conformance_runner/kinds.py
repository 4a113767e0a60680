"""Kinds of errors, which our library tells beside what the public interface does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cffi import FFI

# `PlugwrightErrorKind` of `plugwright.h`, from 1.
# fmt: off
NAMES = (
    "InvalidManifest", "Load", "HashMismatch", "Compile", "Link", "FunctionNotFound", "Signature", "Guest", "Trap",
    "Contract", "Timeout", "Cancelled", "OutOfFuel", "OutOfMemory", "Exit", "Limit", "HostFunction", "Http", "Encode",
    "Decode", "PoolTimeout", "Incompatible", "Snapshot", "Unavailable", "Lost",
)
# fmt: on


def reader(library: Path) -> Callable[[], str | None]:
    """A function that says the kind of this thread's last error; `None` where the library does not tell."""
    ffi = FFI()
    ffi.cdef("int plugwright_last_error_kind(void);")
    loaded = ffi.dlopen(str(library))
    if not hasattr(loaded, "plugwright_last_error_kind"):
        return lambda: None

    def last() -> str:
        number = int(loaded.plugwright_last_error_kind())
        return NAMES[number - 1] if 0 < number <= len(NAMES) else f"number {number}"

    return last
