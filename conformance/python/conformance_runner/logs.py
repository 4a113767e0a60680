"""What a plug-in logs, as the public surface tells it: lines of text, of which the guest's are a part."""

from __future__ import annotations

import re
from typing import Any

from .expect import LogLine

# Time, level, who says it, message, plug-in (our package adds its id). A message may have several lines.
LINE = re.compile(r"\S+ +(TRACE|DEBUG|INFO|WARN|ERROR) (\S+): (.*) plugin=\"[^\"]*\"(?: plugin_id=\S+)?\n?", re.DOTALL)

# Who speaks for a guest: the public library's name, and ours. Other lines are the host's own.
GUEST = ("extism::pdk", "plugwright::guest")


class Logs:
    """Collects the messages of guests, from a level on."""

    def __init__(self, module: Any, level: str) -> None:
        self._lines: list[str] = []
        self._logger = module.set_log_custom(self._lines.append, level)

    def take(self) -> list[LogLine]:
        """The messages since the last time."""
        self._logger.drain()
        lines = [parsed for parsed in map(guest_line, self._lines) if parsed is not None]
        self._lines.clear()
        return lines


def guest_line(text: str) -> LogLine | None:
    """The guest's message in a line, if it is one."""
    found = LINE.fullmatch(text)
    if found is None or found[2] not in GUEST:
        return None
    return LogLine(found[1].lower(), found[3])
