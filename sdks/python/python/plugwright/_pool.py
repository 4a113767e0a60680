"""Pools of plug-ins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from . import _awaiting, _native
from ._data import Input
from ._errors import make_error
from ._host_function import HOST_FN_REGISTRY, Function
from ._output import parsed
from ._plugin import CompiledPlugin, Plugin, compiled_from
from ._source import Source

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from ._options import Options


class Pool:
    """Instances of one plug-in for many threads and tasks: at most so many at a time, first come, first served.

    >>> from plugwright import Pool
    >>> with Pool('(module (func (export "run")))', max=2) as pool:
    ...     with pool.acquire(timeout=1) as plugin:
    ...         plugin.call("run")
    ...     pool.call("run")
    b''
    b''

    What belongs to an instance stays with it from one borrower to the next: variables, and changed config.

    :param plugin: a compiled plug-in, or what ``CompiledPlugin`` takes, with ``wasi``, ``functions`` and options for it
    :param max: the most instances at a time
    """

    def __init__(
        self,
        plugin: Union[CompiledPlugin, Source],
        max: int,
        wasi: bool = False,
        functions: Optional[Sequence[Function]] = HOST_FN_REGISTRY,
        **options: Unpack[Options],
    ) -> None:
        if max < 1:
            raise ValueError("a pool has at least one instance")
        self.compiled_plugin = compiled_from(plugin, wasi, functions, options)
        self._pool: Optional[_native.Pool] = _native.Pool(self.compiled_plugin._native, max)

    @property
    def _native(self) -> _native.Pool:
        if self._pool is None:
            raise make_error("the pool has been closed", kind="Closed", code=-1)
        return self._pool

    @property
    def max(self) -> int:
        """The most instances at a time."""
        return self._native.max

    @property
    def available(self) -> int:
        """How many instances could be had at once: an estimate while others take and return some."""
        return self._native.available()

    def acquire(self, timeout: Union[float, timedelta, None] = None) -> Plugin:
        """An instance, waiting for one to become free. It returns when it is closed, as ``with`` does.

        :param timeout: how many seconds to wait at most
        :raises PluginError: of the kind ``PoolTimeout``, when none became free
        """
        return Plugin._of(self.compiled_plugin, self._native.acquire(_seconds(timeout)))

    async def acquire_async(self, timeout: Union[float, timedelta, None] = None) -> Plugin:
        """Like ``acquire``, without occupying the thread."""
        pool, seconds = self._native, _seconds(timeout)
        plugin = await _awaiting.begin(lambda loop, future: pool.start_acquire(loop, future, seconds))
        return Plugin._of(self.compiled_plugin, plugin)

    def call(
        self,
        function_name: str,
        data: Input = b"",
        parse: Optional[Callable[[Any], Any]] = bytes,
        host_context: Any = None,
    ) -> Any:
        """Calls a function of some instance, waiting for one to become free: see ``Plugin.call``."""
        with self.acquire() as plugin:
            output = plugin.call(function_name, data, host_context=host_context)
        return parsed(output, parse)

    async def call_async(
        self,
        function_name: str,
        data: Input = b"",
        parse: Optional[Callable[[Any], Any]] = bytes,
        host_context: Any = None,
    ) -> Any:
        """Like ``call``, without occupying the thread: see ``Plugin.call_async``."""
        plugin = await self.acquire_async()
        try:
            output = await plugin.call_async(function_name, data, host_context=host_context)
        finally:
            # The guest may not have noticed yet that its call was cancelled.
            plugin._native.close_soon()
        return parsed(output, parse)

    def close(self) -> None:
        """Frees the instances that are not out, and those that are when they return. Nobody gets one any more."""
        self._pool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()


def _seconds(timeout: Union[float, timedelta, None]) -> Optional[float]:
    return timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
