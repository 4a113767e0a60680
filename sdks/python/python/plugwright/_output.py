"""What ``parse`` gets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Callable, Optional, SupportsIndex, Union


class Output(bytes):
    """The output of a call: bytes, whose elements are bytes of length 1, as programs for the public SDK know them.

    >>> output = Output(b"abc")
    >>> output[0], output[1:], output == b"abc"
    (b'a', b'bc', True)
    """

    __slots__ = ()

    def __getitem__(self, key: Union[SupportsIndex, slice]) -> bytes:  # type: ignore[override]
        if isinstance(key, slice):
            return bytes(super().__getitem__(key))
        return bytes((super().__getitem__(key),))

    def __iter__(self) -> Iterator[bytes]:  # type: ignore[override]
        return (bytes((byte,)) for byte in super().__iter__())


def parsed(output: bytes, parse: Optional[Callable[[Any], Any]]) -> Any:
    """What ``parse`` makes of an output, which it gets as an ``Output``; that itself for ``None``."""
    if parse is bytes:
        return bytes(output)
    shown = output if isinstance(output, Output) else Output(output)
    return shown if parse is None else parse(shown)
