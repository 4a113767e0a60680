"""What plug-ins log, for the whole process: to a file, or to a function."""

from __future__ import annotations

import collections
import os
import sys
import threading
from datetime import datetime, timezone
from typing import Any, Callable, NamedTuple, Optional, TextIO
from uuid import UUID

from . import _native

#: How many lines wait to be drained; older ones are dropped.
MAX_BUFFERED_LINES = 65_536

_LEVELS = ("off", "error", "warn", "info", "debug", "trace")


class LogRecord(NamedTuple):
    """A message that a plug-in logged, as the option ``on_log`` passes it on."""

    #: ``trace``, ``debug``, ``info``, ``warn`` or ``error``.
    level: str
    #: The text.
    message: str
    #: The plug-in's name.
    plugin: str
    #: The plug-in's id, as text.
    plugin_id: str

    @property
    def id(self) -> UUID:
        """The plug-in's id."""
        return UUID(self.plugin_id)


class _Sinks:
    """The file and the buffer that lines go to, each with its level."""

    def __init__(self) -> None:
        # While it writes, a signal's handler may run, and call a plug-in that logs.
        self.lock = threading.RLock()
        self.file: Optional[TextIO] = None
        self.file_level = 0
        self.buffer: Optional[collections.deque[str]] = None
        self.buffer_level = 0

    def install(self) -> None:
        level = max(self.file_level, self.buffer_level)
        _native.set_log_sink(self.emit, _LEVELS[level])

    def emit(self, level: str, target: str, message: str, fields: str) -> None:
        number = _LEVELS.index(level)
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        line = f"{now} {level.upper():>5} {target}: {message} {fields}".rstrip() + "\n"
        with self.lock:
            if self.file is not None and number <= self.file_level:
                self.file.write(line)
                self.file.flush()
            if self.buffer is not None and number <= self.buffer_level:
                self.buffer.append(line)


_sinks = _Sinks()


def _after_fork() -> None:
    # Another thread, which did not come along, may have been writing.
    _sinks.lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _level(level: Optional[str]) -> int:
    name = (level or "error").lower()
    if name not in _LEVELS:
        raise ValueError(f"{level!r} is not a log level; use one of {', '.join(_LEVELS)}")
    return _LEVELS.index(name)


def set_log_file(file: str, level: Optional[str] = None) -> None:
    """Appends what plug-ins log to a file, for the whole process; ``stdout`` and ``stderr`` are those streams.

    Plug-ins with the option ``on_log`` are left out. A further call replaces the file.

    :param file: the path of the file
    :param level: the least severe level that is wanted: ``trace``, ``debug``, ``info``, ``warn``, ``error`` (the default) or ``off``
    """
    number = _level(level)
    opened = {"stdout": sys.stdout, "stderr": sys.stderr, "-": sys.stderr}.get(str(file))
    if opened is None:
        opened = open(file, "a", encoding="utf-8")
    with _sinks.lock:
        before, _sinks.file, _sinks.file_level = _sinks.file, opened, number
    if before not in (None, sys.stdout, sys.stderr):
        before.close()
    _sinks.install()


class CustomLogger:
    """Messages that wait to be passed to a function: see ``set_log_custom``."""

    def __init__(self, f: Callable[[str], Any]) -> None:
        self.callback: Optional[Callable[[str], Any]] = f

    def set_callback(self, f: Callable[[str], Any]) -> None:
        """Passes messages to another function from now on."""
        self.callback = f

    def drain(self) -> None:
        """Passes all messages that wait to the function, one by one."""
        while self.callback is not None and _sinks.buffer:
            self.callback(_sinks.buffer.popleft())

    def __del__(self) -> None:
        self.drain()


def set_log_custom(f: Callable[[str], Any], level: Optional[str] = None) -> CustomLogger:
    """Keeps what plug-ins log, for the whole process, until it is drained to a function of one line of text.

    Plug-ins with the option ``on_log`` are left out. The last 65 536 lines are kept.

    :param f: gets the lines when ``drain`` is called
    :param level: as for ``set_log_file``
    """
    number = _level(level)
    with _sinks.lock:
        _sinks.buffer = _sinks.buffer or collections.deque(maxlen=MAX_BUFFERED_LINES)
        _sinks.buffer_level = number
    _sinks.install()
    return CustomLogger(f)
