"""The surroundings of a case: its web server, its temporary folder, the guests."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from .server import Server


class World:
    """What the placeholders of a case stand for. Leaving the context removes the temporary folder."""

    def __init__(self, server: Server, guests: Path) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.guests = guests.resolve()
        self._placeholders = {
            "{http}": server.url,
            "{http_other}": server.other_url,
            "{tmp}": self._folder.name,
            "{guests}": str(self.guests),
        }

    def __enter__(self) -> World:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def create(self, files: Mapping[str, str]) -> None:
        """Creates the files of a case in the temporary folder, and the folders that they lie in."""
        for name, content in files.items():
            path = Path(self._folder.name) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode())

    def fill(self, value: Any) -> Any:
        """Replaces the placeholders in all texts of a value, keys included."""
        if isinstance(value, str):
            for name, meaning in self._placeholders.items():
                value = value.replace(name, meaning)
            return value
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if isinstance(value, dict):
            return {self.fill(key): self.fill(item) for key, item in value.items()}
        return value
