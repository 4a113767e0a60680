"""Where plug-ins come from."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Union

from ._data import Data

#: A path, a URL, a manifest as text, or WebAssembly as text; bytes of any of these; a manifest as a dictionary.
Source = Union[str, Data, Mapping[str, Any], "os.PathLike[str]"]


def resolve(plugin: Source) -> tuple[str, Any]:
    """The kind of a source, and the source, as the native module takes them."""
    if isinstance(plugin, Mapping):
        return "bytes", json.dumps(plugin, default=_encode)
    if isinstance(plugin, os.PathLike):
        return "path", plugin
    if not isinstance(plugin, str):
        return "bytes", plugin
    if plugin.startswith(("http://", "https://")):
        return "url", plugin
    # A text that is neither a manifest nor WebAssembly, and has one line, is a path to a file that is not there.
    if os.path.exists(plugin) or not ("\n" in plugin or "{" in plugin or "(" in plugin or "=" in plugin):
        return "path", plugin
    return "bytes", plugin


def _encode(value: Any) -> str:
    """What JSON has no form for, as manifests have it."""
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    try:
        return b64encode(value).decode()
    except TypeError:
        raise TypeError(f"a manifest holds no {type(value).__name__}") from None
