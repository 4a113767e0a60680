"""WebAssembly values and memory, as host functions see them."""

from __future__ import annotations

from enum import Enum
from typing import Any


class ValType(Enum):
    """The types of WebAssembly values. ``PTR`` and ``I64`` are one, as offsets of memory are 64-bit integers.

    Functions of references (``FUNC_REF``, ``EXTERN_REF``) cannot be host functions.
    """

    I32 = 0
    PTR = 1
    I64 = 1
    F32 = 2
    F64 = 3
    V128 = 4
    FUNC_REF = 5
    EXTERN_REF = 6


class Val:
    """A WebAssembly value with its type. Integers are signed."""

    def __init__(self, t: ValType, v: Any) -> None:
        self.t = t
        self.value = v

    def __repr__(self) -> str:
        return f"Val({self.t}, {self.value})"


class Memory:
    """A block of a plug-in's memory: where it starts, and its length in bytes."""

    def __init__(self, offs: int, length: int) -> None:
        self.offset = offs
        self.length = length

    def __len__(self) -> int:
        return self.length
