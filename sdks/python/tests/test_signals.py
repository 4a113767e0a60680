"""Ctrl-C ends what the main thread waits for."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")

HEADER = """
import asyncio, os, signal, sys, threading
from guests import NUDGE, guest
from plugwright import *

# Whoever runs the tests in the background may have it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

def interrupt():
    os.kill(os.getpid(), signal.SIGINT)
"""


def runs(program: str) -> None:
    """Runs a program of which the main thread is interrupted, in a process of its own."""
    command = [sys.executable, "-c", HEADER + textwrap.dedent(program)]
    ran = subprocess.run(
        command, cwd=pathlib.Path(__file__).parent, capture_output=True, text=True, check=False, timeout=60
    )
    assert (ran.returncode, ran.stdout) == (0, "interrupted\n"), ran.stderr


def test_a_guest_that_computes() -> None:
    runs(
        """
        @host_fn()
        def f() -> None:
            threading.Thread(target=interrupt).start()

        wat = guest('(import "extism:host/user" "f" (func $f))', '(func (export "run") (call $f) (loop (br 0)))')
        plugin = Plugin(wat)
        try:
            plugin.call("run")
        except KeyboardInterrupt:
            print("interrupted")
        assert plugin.call("echo", "x") == b"x"
        """
    )


def test_a_guest_that_waits_for_a_coroutine() -> None:
    runs(
        """
        @host_fn()
        async def f() -> None:
            interrupt()
            await asyncio.Event().wait()

        plugin = Plugin(NUDGE)
        try:
            plugin.call("run")
        except KeyboardInterrupt:
            print("interrupted")
        assert plugin.call("echo", "x") == b"x"
        """
    )


def test_waiting_for_another_call_and_for_a_pool() -> None:
    runs(
        """
        started, go_on = threading.Event(), threading.Event()

        @host_fn()
        def f() -> None:
            started.set()
            go_on.wait()

        plugin = Plugin(NUDGE)
        other = threading.Thread(target=plugin.call, args=("run",))
        other.start()
        started.wait()
        try:
            threading.Thread(target=interrupt).start()
            plugin.call("echo", "x")
        except KeyboardInterrupt:
            go_on.set()
        other.join()
        pool = Pool(guest(), max=1)
        held = pool.acquire()
        try:
            threading.Thread(target=interrupt).start()
            pool.acquire()
        except KeyboardInterrupt:
            print("interrupted")
        """
    )


def test_a_handler_that_raises_nothing_changes_nothing() -> None:
    runs(
        """
        handled = []
        signal.signal(signal.SIGINT, lambda *_: (handled.append(1), plugin.cancel_handle().cancel()))

        @host_fn()
        def f() -> None:
            threading.Thread(target=interrupt).start()

        wat = guest('(import "extism:host/user" "f" (func $f))', '(func (export "run") (call $f) (loop (br 0)))')
        plugin = Plugin(wat)
        try:
            plugin.call("run")
        except PluginError as error:
            assert error.kind == "Cancelled" and handled == [1]
            print("interrupted")
        """
    )


def test_a_handler_may_raise_anything() -> None:
    runs(
        """
        def alarm(*_):
            raise TimeoutError("too long")

        signal.signal(signal.SIGALRM, alarm)
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        try:
            Plugin(guest()).call("spin")
        except TimeoutError:
            print("interrupted")
        """
    )


def test_the_end_of_the_interpreter_ends_awaited_calls() -> None:
    runs(
        """
        async def main():
            plugin = Plugin(guest())
            task = asyncio.ensure_future(plugin.call_async("spin"))
            handle = plugin.cancel_handle()
            await asyncio.sleep(0)
            print("interrupted", flush=True)
            # The loop goes with the guest running, and then the interpreter.
            asyncio.get_running_loop().stop()

        loop = asyncio.new_event_loop()
        task = loop.create_task(main())
        loop.run_forever()
        """
    )


def test_handlers_stay_as_they_are() -> None:
    runs(
        """
        Plugin(guest()).call("echo", "x")
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            print("interrupted")
        """
    )
