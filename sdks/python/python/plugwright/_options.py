"""What a plug-in may do and use, without a manifest."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Callable, TypedDict, Union

if TYPE_CHECKING:
    from ._data import Data
    from ._log import LogRecord


class Options(TypedDict, total=False):
    """Options of ``Plugin``, ``CompiledPlugin`` and ``Pool``, as keyword arguments. They come before what a manifest says; hosts,
    paths and config are added to the manifest's."""

    #: Names the plug-in in errors and logs; by default its file's name.
    name: str
    #: Ends a call after so many seconds; ``math.inf`` for never, whatever a manifest says.
    timeout: Union[float, timedelta]
    #: Ends a call after so much work, roughly one unit for an instruction.
    fuel_limit: int
    #: Limits memory, in pages of 64 KiB.
    memory_max_pages: int
    #: Limits variables, keys and values together, in bytes; 0 turns them off.
    max_var_bytes: int
    #: Limits the body of an HTTP response, in bytes.
    max_http_response_bytes: int
    #: Limits what a call may log, in bytes.
    max_log_bytes: int
    #: Limits the output of a call, in bytes.
    max_output_bytes: int
    #: Globs of the host names that HTTP requests may go to.
    allowed_hosts: Sequence[str]
    #: Folders of the host (after ``ro:`` if they may only be read), and where a WASI plug-in sees them.
    allowed_paths: Mapping[str, str]
    #: Shows the headers of HTTP responses.
    http_response_headers: bool
    #: Environment variables of a WASI plug-in.
    env: Mapping[str, str]
    #: Arguments of a WASI plug-in, the program's name first.
    args: Sequence[str]
    #: Standard input of a WASI plug-in.
    stdin: Union[str, Data]
    #: Where standard output of a WASI plug-in goes: ``closed``, ``inherit`` or ``capture``.
    stdout: str
    #: The same for standard error.
    stderr: str
    #: Gets what the plug-in logs, instead of ``set_log_file`` and ``set_log_custom``.
    on_log: Callable[[LogRecord], Any]
    #: Drops messages that are less severe: ``trace``, ``debug``, ``info``, ``warn``, ``error``, or ``off`` for all.
    log_level: str
    #: Whether compiled code is kept in the user's cache folder, or the folder to keep it in.
    cache: Union[bool, str, os.PathLike[str]]
    #: Offers WebAssembly GC and exceptions.
    garbage_collection: bool
    #: Takes memory as it is used instead of reserving address space, and runs slower.
    compact_memory: bool


def for_native(options: Options) -> dict[str, Any]:
    """The options that are given, with values that the native module takes."""
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    if isinstance(timeout := given.get("timeout"), timedelta):
        given["timeout"] = timeout.total_seconds()
    for name in ("allowed_paths", "env"):
        if name in given:
            given[name] = dict(given[name])
    for name in ("allowed_hosts", "args"):
        if name in given:
            given[name] = list(given[name])
    return given
