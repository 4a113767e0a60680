"""Plug-ins that run on workers elsewhere."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from . import _awaiting, _native
from ._data import Input
from ._output import parsed

if TYPE_CHECKING:
    Seconds = Union[float, timedelta]


class Nats:
    """A connection to NATS, for plug-ins on workers behind it. It is made again whenever it breaks.

    Any number of threads and tasks share it. A process that forks connects afterwards.

    :param url: the servers, such as ``nats://127.0.0.1:4222``, with commas between those of a cluster
    :param user: a name and a password to log in by
    :param token: a token to log in by
    :param certificates: a PEM file of certificate authorities to trust too
    :param identity: PEM files of a certificate to show, and of its key
    :raises PluginError: of the kind ``Unavailable``, when no server can be reached
    """

    def __init__(
        self,
        url: str,
        *,
        user: Optional[tuple[str, str]] = None,
        token: Optional[str] = None,
        certificates: Union[str, os.PathLike[str], None] = None,
        identity: Optional[tuple[Union[str, os.PathLike[str]], Union[str, os.PathLike[str]]]] = None,
    ) -> None:
        self._native = _native.Nats(url, user, token, certificates, identity)

    def plugin(
        self,
        name: str,
        *,
        timeout: Optional[Seconds] = None,
        wait: Seconds = 5.0,
        heartbeat: Seconds = 1.0,
        idempotent: bool = False,
        max_bytes: int = 64 * 2**20,
    ) -> RemotePlugin:
        """The plug-in of this name, wherever it runs. Whether there are workers shows at the first call.

        :param timeout: how many seconds each call may take; without, only the workers' own limits end it
        :param wait: how many seconds a call looks for a worker that takes it
        :param heartbeat: how often, in seconds, a worker says that it is at a call; silent for four times as long it counts as gone
        :param idempotent: whether functions may run twice for one call, so that it is made again when its worker is lost
        :param max_bytes: the most bytes of an input, and of an output; more is an error of kind ``Limit``
        """
        times = (_seconds(timeout), _seconds(wait), _seconds(heartbeat))
        native = self._native.plugin(name, times, idempotent, max_bytes)
        return RemotePlugin(name, native)


class RemotePlugin:
    """A plug-in that runs on workers elsewhere, from ``Nats.plugin``. It is called like a ``Pool``, with the same errors.

    Two kinds of errors are of the distance. ``Unavailable``: no worker took the call, and nothing ran. ``Lost``: the worker or
    the connection to it is gone in mid-call, which may have run.
    """

    def __init__(self, name: str, native: _native.RemotePlugin) -> None:
        self.name = name
        self._native = native

    def call(self, function_name: str, data: Input = b"", parse: Optional[Callable[[Any], Any]] = bytes) -> Any:
        """Calls a function on some worker. ``parse`` is that of ``Plugin.call``."""
        return parsed(self._native.call(function_name, data), parse)

    async def call_async(
        self, function_name: str, data: Input = b"", parse: Optional[Callable[[Any], Any]] = bytes
    ) -> Any:
        """Like ``call``, without occupying the thread. Cancelling the task cancels the call on its worker."""
        native = self._native
        output = await _awaiting.begin(lambda loop, future: native.start_call(loop, future, function_name, data))
        return parsed(output, parse)


def _seconds(time: Any) -> Any:
    return time.total_seconds() if isinstance(time, timedelta) else time
