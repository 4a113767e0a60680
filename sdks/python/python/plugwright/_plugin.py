"""Plug-ins, compiled and alive."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional, TypeVar, Union, overload
from uuid import UUID

from . import _awaiting, _native, _options
from ._data import Data, Input
from ._errors import make_error
from ._host_function import HOST_FN_REGISTRY, Function, native
from ._output import Output, parsed
from ._source import Source, resolve

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from ._options import Options

T = TypeVar("T")


class Export(NamedTuple):
    """A function that a plug-in exports."""

    #: Its name.
    name: str
    #: Its type, for example ``() -> i32``.
    type: str
    #: Whether it can be called.
    callable: bool


class CompiledPlugin:
    """The code of a plug-in, compiled once for any number of plug-ins, in any thread.

    >>> from plugwright import CompiledPlugin, Plugin
    >>> compiled = CompiledPlugin('(module (func (export "run")))')
    >>> plugins = [Plugin(compiled) for _ in range(3)]

    :param plugin: a path, a URL, a manifest (text or a dictionary), or WebAssembly (bytes or text)
    :param wasi: whether it is offered WASI preview 1
    :param functions: its host functions; all that ``host_fn`` made, if they are not given
    :param options: limits and grants, see ``Options``
    :raises PluginError: when it cannot be had, compiled, or linked
    """

    def __init__(
        self,
        plugin: Source,
        wasi: bool = False,
        functions: Optional[Sequence[Function]] = HOST_FN_REGISTRY,
        **options: Unpack[Options],
    ) -> None:
        self._compile(*resolve(plugin), wasi, functions, options)

    def _compile(
        self, kind: str, source: Any, wasi: bool, functions: Optional[Sequence[Function]], options: Options
    ) -> None:
        self.functions = functions
        self._wasi = wasi
        self._native = _native.CompiledPlugin(kind, source, wasi, native(functions), _options.for_native(options))

    @classmethod
    def from_trusted_bytes(
        cls,
        code: Data,
        wasi: bool = False,
        functions: Optional[Sequence[Function]] = HOST_FN_REGISTRY,
        **options: Unpack[Options],
    ) -> Self:
        """A plug-in from what ``to_bytes`` returned, without compiling it.

        **Whoever can write these bytes can do whatever this process can**: they are machine code, which is not checked. Use it
        for files that you made, and that nobody else can change. They fit this version of the package, on this kind of processor.
        """
        compiled = cls.__new__(cls)
        compiled._compile("compiled", code, wasi, functions, options)
        return compiled

    def to_bytes(self) -> bytes:
        """The compiled code, for ``from_trusted_bytes``. Options and host functions are not part of it."""
        return self._native.serialize()

    @property
    def name(self) -> str:
        """The plug-in's name."""
        return self._native.name

    def function_exists(self, name: str) -> bool:
        """Whether the plug-in exports a function of this name that can be called."""
        return self._native.function_exists(name)


def compiled_from(
    plugin: Union[CompiledPlugin, Source], wasi: bool, functions: Optional[Sequence[Function]], options: Options
) -> CompiledPlugin:
    """The code of a plug-in, whether it is compiled already or not.

    :raises TypeError: when it is, and something else is given than it was compiled with
    """
    if not isinstance(plugin, CompiledPlugin):
        return CompiledPlugin(plugin, wasi, functions, **options)
    others = list(options)
    if wasi and not plugin._wasi:
        others.append("wasi")
    if functions is not HOST_FN_REGISTRY and list(functions or ()) != list(plugin.functions or ()):
        others.append("functions")
    if others:
        raise TypeError(f"give the options {', '.join(others)} to CompiledPlugin, which decides them")
    return plugin


class Plugin:
    """One instance of a plug-in, with its variables.

    Calls from several threads come one after the other. A plug-in can be called again after any error; one that was stopped
    in the middle gets a fresh instance, and keeps its variables.

    :param plugin: a compiled plug-in, or what ``CompiledPlugin`` takes; ``wasi``, ``functions`` and options belong to the latter
    :param wasi: whether it is offered WASI preview 1
    :param config: what it can read, added to the manifest's; ``None`` as a value removes a key
    :param functions: its host functions; all that ``host_fn`` made, if they are not given
    :param options: limits and grants, see ``Options``
    :raises PluginError: when it cannot be had, compiled, or linked
    """

    def __init__(
        self,
        plugin: Union[CompiledPlugin, Source],
        wasi: bool = False,
        config: Optional[Mapping[str, Optional[str]]] = None,
        functions: Optional[Sequence[Function]] = HOST_FN_REGISTRY,
        **options: Unpack[Options],
    ) -> None:
        self.compiled_plugin = compiled_from(plugin, wasi, functions, options)
        self._native = _native.Plugin(self.compiled_plugin._native)
        if config is not None:
            self.update_config(config)

    @classmethod
    def _of(cls, compiled: CompiledPlugin, plugin: _native.Plugin) -> Self:
        """A plug-in that there is already."""
        made = cls.__new__(cls)
        made.compiled_plugin = compiled
        made._native = plugin
        return made

    @property
    def id(self) -> UUID:
        """An id that no other plug-in has."""
        return UUID(bytes=self._native.id)

    @property
    def name(self) -> str:
        """The plug-in's name in errors and logs."""
        return self._native.name

    @overload
    def call(
        self,
        function_name: str,
        data: Input = b"",
        parse: type[bytes] = bytes,
        host_context: Any = None,
    ) -> bytes: ...

    @overload
    def call(
        self,
        function_name: str,
        data: Input = b"",
        *,
        parse: Callable[[Any], T],
        host_context: Any = None,
    ) -> T: ...

    @overload
    def call(self, function_name: str, data: Input, parse: Callable[[Any], T], host_context: Any = None) -> T: ...

    @overload
    def call(self, function_name: str, data: Input = b"", *, parse: None, host_context: Any = None) -> Output: ...

    def call(
        self,
        function_name: str,
        data: Input = b"",
        parse: Optional[Callable[[Any], Any]] = bytes,
        host_context: Any = None,
    ) -> Any:
        """Calls a function, and returns what ``parse`` makes of its output: ``bytes`` by default.

        ``parse`` gets the bytes as an ``Output``. With ``None`` that is returned itself.

        Other threads run meanwhile. On the main thread, Ctrl-C ends the call.

        :param data: text, or any contiguous memory, which is not copied on the way; other threads must not write to it
        :param host_context: what host functions get by ``CurrentPlugin.host_context``
        :raises PluginError: when the call fails
        :raises BufferError: while there are views of the last call's output
        """
        if parse is bytes:
            return self._native.call(function_name, data, host_context)
        with memoryview(self._native.call_in_place(function_name, data, host_context)) as view:
            output = Output(view)
        return parsed(output, parse)

    def call_view(self, function_name: str, data: Input = b"", host_context: Any = None) -> memoryview:
        """Calls a function, and returns its output without copying it.

        As long as the view, or any part of it, is not released, the plug-in cannot be called: that is a ``BufferError``.

        >>> from plugwright import Plugin
        >>> wat = '''(module
        ...   (import "extism:host/env" "input_offset" (func $offset (result i64)))
        ...   (import "extism:host/env" "input_length" (func $length (result i64)))
        ...   (import "extism:host/env" "output_set" (func $output (param i64 i64)))
        ...   (func (export "echo") (call $output (call $offset) (call $length))))'''
        >>> plugin = Plugin(wat)
        >>> with plugin.call_view("echo", bytes(1000)) as view:
        ...     len(view)
        1000
        """
        return memoryview(self._native.call_in_place(function_name, data, host_context))

    @overload
    async def call_async(
        self,
        function_name: str,
        data: Input = b"",
        parse: type[bytes] = bytes,
        host_context: Any = None,
    ) -> bytes: ...

    @overload
    async def call_async(
        self,
        function_name: str,
        data: Input = b"",
        *,
        parse: Callable[[Any], T],
        host_context: Any = None,
    ) -> T: ...

    @overload
    async def call_async(
        self, function_name: str, data: Input, parse: Callable[[Any], T], host_context: Any = None
    ) -> T: ...

    @overload
    async def call_async(
        self, function_name: str, data: Input = b"", *, parse: None, host_context: Any = None
    ) -> Output: ...

    async def call_async(
        self,
        function_name: str,
        data: Input = b"",
        parse: Optional[Callable[[Any], Any]] = bytes,
        host_context: Any = None,
    ) -> Any:
        """Like ``call``, without occupying the thread: neither while the plug-in computes, nor while it waits.

        The plug-in runs on another thread, and so do its host functions, except coroutine functions, which run on this event loop.
        Cancelling the task ends the call.

        >>> import asyncio
        >>> from plugwright import Plugin
        >>> plugin = Plugin('(module (func (export "run")))')
        >>> asyncio.run(plugin.call_async("run"))
        b''
        """
        plugin = self._native
        if _awaiting.is_calling(plugin.id):
            raise make_error(
                "the plug-in is called by a host function that it is calling itself; use another instance",
                kind="Busy",
                code=-1,
                plugin=plugin.name,
                function=function_name,
            )
        output = await _awaiting.begin(
            lambda loop, future: plugin.start_call(loop, future, function_name, data, host_context)
        )
        return parsed(output, parse)

    def function_exists(self, name: str) -> bool:
        """Whether the plug-in exports a function of this name that can be called."""
        return self._native.function_exists(name)

    def exports(self) -> list[Export]:
        """The functions that the plug-in exports."""
        return [Export(*export) for export in self._native.exports()]

    def cancel_handle(self) -> _native.CancelHandle:
        """A handle to cancel calls of this plug-in from other threads. It may outlive the plug-in."""
        return self._native.cancel_handle()

    @property
    def fuel_consumed(self) -> Optional[int]:
        """The fuel that the last call consumed; ``None`` without a fuel limit, or before the first call."""
        return self._native.fuel_consumed()

    def update_config(self, config: Mapping[str, Optional[str]]) -> None:
        """Changes what the plug-in reads as config: sets keys, and removes those whose value is ``None``.

        :raises TypeError: when a value is not text
        """
        # As for the public SDK, whatever JSON makes an object of texts is accepted.
        changes: Any = json.loads(json.dumps(config))
        self._native.update_config(list(changes.items()))

    def reset(self) -> None:
        """Frees what the last call left in the memory that is shared with the plug-in, its output included."""
        self._native.reset()

    def restart(self) -> None:
        """Lets the next call have a fresh instance. Variables and config stay."""
        self._native.restart()

    def take_stdout(self) -> bytes:
        """What the plug-in has written to standard output since the last time, with the option ``stdout="capture"``."""
        return self._native.take_stdout()

    def take_stderr(self) -> bytes:
        """The same for standard error."""
        return self._native.take_stderr()

    def close(self) -> None:
        """Frees the instance, or gives it back to its pool. Whatever is closed already stays so.

        :raises BufferError: while there are views of the last call's output
        """
        self._native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<plugwright.Plugin {self.name!r}>"
