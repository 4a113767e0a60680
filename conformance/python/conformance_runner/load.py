"""Reading the case files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .case import Case, InvalidCaseError, parse_case
from .world import World

CONFORMANCE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class LoadedCase:
    """A valid case whose placeholders are not filled in yet."""

    topic: str
    case: Case
    raw: dict[str, Any]

    def resolve(self, world: World) -> Case:
        """The case for one run: every placeholder in every text, keys included, has its value of `world`."""
        return parse_case(world.fill(self.raw))

    def unbuilt_guest(self, guests: Path) -> str | None:
        """The case's guest, or one that its manifest names, when it has to be built and is not."""
        names = [self.case.guest] if self.case.guest is not None else []
        for part in (self.case.manifest or {}).get("wasm", []):
            path = str(part.get("path", ""))
            if path.startswith("{guests}/"):
                names.append(path[len("{guests}/") :])
        missing = [name for name in names if name.startswith("build/") and not (guests / name).exists()]
        return missing[0] if missing else None


def load(folder: Path = CONFORMANCE / "cases") -> list[LoadedCase]:
    """Every case of the ``.json`` files of a folder, by the files' names; an `InvalidCaseError` names the file."""
    cases: list[LoadedCase] = []
    for path in sorted(folder.glob("*.json")):
        try:
            cases.extend(_load_file(path))
        except InvalidCaseError as error:
            raise InvalidCaseError(f"{path.name}: {error}") from error
    names = [loaded.case.name for loaded in cases]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise InvalidCaseError(f"several cases have the same name: {', '.join(sorted(twice))}")
    return cases


def _load_file(path: Path) -> Iterator[LoadedCase]:
    file = json.loads(path.read_text(encoding="utf-8"))
    if file.keys() != {"topic", "about", "cases"} or file["topic"] != path.stem:
        raise InvalidCaseError("a file has a topic (its own name), what it is about, and cases")
    for written in file["cases"]:
        for raw in _for_each_guest(written):
            try:
                yield LoadedCase(path.stem, parse_case(raw), raw)
            except InvalidCaseError as error:
                raise InvalidCaseError(f"case `{raw.get('name')}`: {error}") from error


def _for_each_guest(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A case whose `guest` is a list, once for each guest in it, with the guest's name in its own."""
    guest = raw.get("guest")
    if not isinstance(guest, list):
        yield raw
        return
    for name in guest:
        yield {**raw, "name": f"{raw['name']} ({Path(name).stem})", "guest": name}
