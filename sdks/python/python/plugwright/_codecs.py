"""How values of host functions become bytes: marks for ``typing.Annotated``."""

from __future__ import annotations

from typing import Any, Callable


class Json:
    """The value crosses as JSON, by the module ``json``.

    >>> from typing import Annotated
    >>> from plugwright import Json, host_fn
    >>> @host_fn()
    ... def shout(order: Annotated[dict, Json]) -> Annotated[dict, Json]:
    ...     return {"shouted": order["text"].upper()}
    """


class Pickle:
    """The value crosses by the module ``pickle``.

    **A plug-in whose bytes are unpickled can do whatever this program can**: as a parameter, only for plug-ins that are trusted
    like the program itself.
    """


class Codec:
    """The value crosses by a function: of bytes for a parameter, to bytes (or text) for a result.

    >>> from typing import Annotated
    >>> from plugwright import Codec, host_fn
    >>> @host_fn()
    ... def length(text: Annotated[str, Codec(lambda data: data.decode("shift_jis"))]) -> int:
    ...     return len(text)
    """

    def __init__(self, codec: Callable[[Any], Any]) -> None:
        self.codec = codec
