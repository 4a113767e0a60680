"""Memory of any kind, as a type."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    if sys.version_info >= (3, 12):
        from collections.abc import Buffer
    else:
        from typing_extensions import Buffer

    Data = Buffer
else:
    # Only later versions of Python have a name for it.
    Data = Any

#: What a plug-in takes: text, or any contiguous memory.
Input = Union[str, Data]
