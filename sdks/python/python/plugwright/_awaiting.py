"""What the native module needs of asyncio: telling event loops, and running coroutines on them."""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import contextvars
import os
import threading
from collections.abc import Coroutine
from typing import Any, Callable, Optional

from . import _native


class _Calling:
    """A coroutine host function that a plug-in is calling, until it has ended: tasks that it began may live longer."""

    __slots__ = ("ended", "plugin")

    def __init__(self, plugin: bytes) -> None:
        self.plugin = plugin
        self.ended = False


#: The coroutine host functions that this task runs in.
_calling: contextvars.ContextVar[tuple[_Calling, ...]] = contextvars.ContextVar("plugwright_calling", default=())

Loop = asyncio.AbstractEventLoop

# The thread whose signal handlers run while it waits in a plug-in.
_native.set_main_thread(threading.main_thread().ident or 0)
# Before the interpreter goes, so that no thread comes back to one that has gone.
atexit.register(_native.shut_down)


def is_calling(plugin: bytes) -> bool:
    """Whether this task runs in a coroutine host function for which the plug-in of this id waits."""
    return any(calling.plugin == plugin and not calling.ended for calling in _calling.get())


async def begin(start: Callable[[Loop, asyncio.Future[Any]], _native.PendingCall]) -> Any:
    """Begins something native, and waits for it; gives it up when the waiting ends early."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    pending = start(loop, future)
    try:
        return await future
    except BaseException:
        # Of no consequence if it has ended.
        pending.cancel()
        raise


def deliver(loop: Loop, future: asyncio.Future[Any], value: Any, error: Optional[BaseException]) -> None:
    """Gives a future its result, from any thread."""
    try:
        loop.call_soon_threadsafe(_settle, future, value, error)
    except RuntimeError:
        # The loop has been closed, and nobody waits any more.
        if not loop.is_closed():
            raise


def _settle(future: asyncio.Future[Any], value: Any, error: Optional[BaseException]) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)


def run_coroutine(
    loop: Optional[Loop],
    call: Callable[..., Coroutine[Any, Any, Any]],
    current: _native.CurrentPlugin,
    params: tuple[Any, ...],
    completed: Callable[[concurrent.futures.Future[Any]], object],
) -> concurrent.futures.Future[Any]:
    """Runs a coroutine host function on a loop, or on the package's own."""
    calling = _Calling(current.id)

    async def run() -> Any:
        _calling.set((*_calling.get(), calling))
        try:
            return await call(current, *params)
        finally:
            calling.ended = True

    coroutine = run()
    try:
        running = asyncio.run_coroutine_threadsafe(coroutine, loop or _own_loop())
    except BaseException:
        # The loop has been closed: nobody will ever run it.
        coroutine.close()
        raise
    running.add_done_callback(completed)
    return running


_lock = threading.Lock()
_own: Optional[tuple[int, Loop]] = None


def _own_loop() -> Loop:
    """The loop for coroutines under blocking calls, on a thread of its own. A forked process makes its own."""
    global _own
    with _lock:
        if _own is None or _own[0] != os.getpid():
            loop = asyncio.new_event_loop()
            threading.Thread(target=_run, args=(loop,), name="plugwright-asyncio", daemon=True).start()
            _own = (os.getpid(), loop)
        return _own[1]


def _run(loop: Loop) -> None:
    """Runs a loop for as long as the process lives, whatever the coroutines do to it."""
    while True:
        # A coroutine that raises `SystemExit` or `KeyboardInterrupt` stops its loop. The exception is its task's result as well,
        # which the loop has to deliver to the plug-in's call.
        with contextlib.suppress(SystemExit, KeyboardInterrupt):
            loop.run_forever()


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()
    _native.set_main_thread(threading.get_ident())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
