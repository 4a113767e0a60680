"""What can go wrong."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple, Optional


class Error(Exception):
    """Whatever goes wrong with a plug-in. Its text is the plug-in's own message if there is one."""


class ErrorKind(str, Enum):
    """What went wrong, by the names that all SDKs use. A kind equals its name.

    >>> from plugwright import ErrorKind
    >>> ErrorKind.TIMEOUT == "Timeout"
    True
    """

    INVALID_MANIFEST = "InvalidManifest"
    LOAD = "Load"
    HASH_MISMATCH = "HashMismatch"
    COMPILE = "Compile"
    LINK = "Link"
    FUNCTION_NOT_FOUND = "FunctionNotFound"
    SIGNATURE = "Signature"
    GUEST = "Guest"
    TRAP = "Trap"
    CONTRACT = "Contract"
    TIMEOUT = "Timeout"
    CANCELLED = "Cancelled"
    OUT_OF_FUEL = "OutOfFuel"
    OUT_OF_MEMORY = "OutOfMemory"
    EXIT = "Exit"
    LIMIT = "Limit"
    HOST_FUNCTION = "HostFunction"
    HTTP = "Http"
    ENCODE = "Encode"
    DECODE = "Decode"
    POOL_TIMEOUT = "PoolTimeout"
    INCOMPATIBLE = "Incompatible"
    SNAPSHOT = "Snapshot"
    UNAVAILABLE = "Unavailable"
    LOST = "Lost"
    #: Of the SDKs for Go, Node.js and Python: the plug-in or the pool has been closed.
    CLOSED = "Closed"
    #: Of these SDKs: a call would wait for itself. C says ``Reentered``.
    BUSY = "Busy"

    def __str__(self) -> str:
        return self.value


class Frame(NamedTuple):
    """A function of the plug-in that was running when a call ended in the middle."""

    #: Its name, as far as the plug-in tells.
    function: Optional[str]
    #: Its index in the module.
    function_index: int
    #: The offset of the instruction in the module's binary, in bytes.
    offset: Optional[int]
    #: The source file and the line in it, from 1, if the plug-in has such information.
    file: Optional[str]
    line: Optional[int]


class PluginError(Error):
    """An error of the runtime, with what is known about it.

    >>> from plugwright import Plugin, PluginError
    >>> try:
    ...     Plugin('(module (func (export "run") unreachable))').call("run")
    ... except PluginError as error:
    ...     print(error.kind, error.code, error.function, len(error.backtrace))
    Trap 134 run 1

    If a host function raised an exception, that is the error's ``__cause__``.
    """

    #: What went wrong.
    kind: ErrorKind = ErrorKind.LIMIT
    #: The plug-in's code (``Guest``, ``Exit``), 134 for a trap, -1 for everything else.
    code: int = -1
    #: The plug-in's name.
    plugin: Optional[str] = None
    #: The function that was called.
    function: Optional[str] = None
    #: Where in the plug-in it happened, innermost first; empty when it was nowhere.
    backtrace: tuple[Frame, ...] = ()


def make_error(
    message: str,
    *,
    kind: str,
    code: int,
    plugin: Optional[str] = None,
    function: Optional[str] = None,
    backtrace: Optional[list[tuple[Optional[str], int, Optional[int], Optional[str], Optional[int]]]] = None,
) -> PluginError:
    """An error, as the native module describes it."""
    error = PluginError(message)
    error.kind = ErrorKind(kind)
    error.code = code
    error.plugin = plugin
    error.function = function
    error.backtrace = tuple(Frame(*frame) for frame in backtrace or ())
    return error
