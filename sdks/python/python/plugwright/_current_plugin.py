"""The plug-in that calls a host function."""

from __future__ import annotations

from typing import Any, Optional, Union
from uuid import UUID

from . import _native
from ._data import Input
from ._values import Memory, Val


class CurrentPlugin:
    """The plug-in that is calling a host function: its memory, variables, config, and the call's context.

    It can be used until the host function returns, from any thread.
    """

    __slots__ = ("_native",)

    def __init__(self, native: _native.CurrentPlugin) -> None:
        self._native = native

    @property
    def id(self) -> UUID:
        """The plug-in's id."""
        return UUID(bytes=self._native.id)

    @property
    def name(self) -> str:
        """The plug-in's name."""
        return self._native.name

    def memory(self, mem: Memory) -> _native.Block:
        """The bytes of a block, to be read and written: ``block[:]`` are all of them.

        A ``memoryview`` of it is a copy, which is written back when it is released.
        """
        return self._native.block(mem.offset, mem.length)

    def alloc(self, size: int) -> Memory:
        """A new block of so many bytes. The plug-in frees it, or the beginning of its next call."""
        return Memory(self._native.alloc(size), size)

    def free(self, mem: Memory) -> None:
        """Frees a block. Nothing happens where none starts."""
        self._native.free(mem.offset)

    def memory_at_offset(self, offs: Union[int, Val]) -> Memory:
        """The block at an offset that the plug-in passed; one of no bytes where none starts.

        To read such a one is an error, which ends the call unless it is caught.
        """
        offset: int = offs.value if isinstance(offs, Val) else offs
        return Memory(offset, self._native.length(offset))

    def input_buffer(self, input: Val) -> _native.Block:
        """The bytes of the block that a parameter refers to."""
        return self.memory(self.memory_at_offset(input))

    def input_bytes(self, input: Val) -> bytes:
        """A copy of the block that a parameter refers to."""
        return self._native.read(input.value)

    def input_string(self, input: Val) -> str:
        """The text of the block that a parameter refers to."""
        return self._native.read_text(input.value)

    def return_bytes(self, output: Val, b: Input) -> None:
        """Makes a result refer to a new block with these bytes."""
        output.value = self._native.write(b)

    def return_string(self, output: Val, s: str) -> None:
        """Makes a result refer to a new block with this text."""
        output.value = self._native.write(s)

    def host_context(self) -> Any:
        """What was given to the call as ``host_context``."""
        return self._native.host_context()

    def config(self, key: str) -> Optional[str]:
        """A value of the plug-in's config."""
        return self._native.config(key)

    def var(self, key: str) -> Optional[bytes]:
        """A variable of the plug-in."""
        return self._native.var(key)

    def set_var(self, key: str, value: Optional[Input]) -> None:
        """Sets a variable of the plug-in, or removes it for ``None``."""
        self._native.set_var(key, value)

    def time_left(self) -> Optional[float]:
        """The seconds until the call's deadline, if it has one. A function that waits should not wait longer."""
        return self._native.time_left()

    def is_cancelled(self) -> bool:
        """Whether the call has been cancelled, so that nobody wants the function's result any more."""
        return self._native.is_cancelled()
