"""Fuel, cancelling from another thread, and calls of several threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from conformance_runner.case import Options
from conformance_runner.surface import Extism, manifest_bytes

from .conftest import GUESTS, THROUGH_THE_HOST

SPIN = str(GUESTS / "wat" / "spin.wat")

# Tells the host that it runs, then never returns.
TELL_AND_SPIN = b"""(module
  (import "extism:host/user" "begun" (func $begun))
  (func (export "run") (result i32)
    (call $begun)
    (loop $for_ever (br $for_ever))
    (i32.const 0))
  (func (export "fine")))"""


def test_fuel(extism: Any, library_path: Path) -> None:
    source = manifest_bytes({"wasm": [{"path": SPIN}]})
    plugin = extism.Plugin(Extism(extism, library_path).compile(source, [], Options(fuel=100_000)))
    with pytest.raises(extism.Error, match="fuel"):
        plugin.call("spin", b"")
    assert plugin.call("work", b"") == b""


def test_cancelled_from_another_thread(extism: Any) -> None:
    begun = threading.Event()

    @extism.host_fn(name="begun", signature=([], []))
    def tell(_plugin: Any, _params: list[Any], _results: list[Any]) -> None:
        begun.set()

    plugin = extism.Plugin(TELL_AND_SPIN, functions=[tell])
    handle = plugin.cancel_handle()
    for _ in range(3):
        begun.clear()
        with ThreadPoolExecutor(1) as threads:
            call = threads.submit(plugin.call, "run", b"")
            begun.wait()
            assert handle.cancel()
            with pytest.raises(extism.Error, match=r"timeout|cancel"):
                call.result()
        assert plugin.call("fine", b"") == b""


def test_cancelling_one_leaves_its_neighbour_alone(extism: Any) -> None:
    begun = threading.Semaphore(0)
    go_on = threading.Event()

    @extism.host_fn(name="begun", signature=([], []))
    def tell(_plugin: Any, _params: list[Any], _results: list[Any]) -> None:
        begun.release()

    @extism.host_fn(name="host")
    def wait(data: bytes) -> bytes:
        begun.release()
        go_on.wait()
        return data

    cancelled = extism.Plugin(TELL_AND_SPIN, functions=[tell])
    neighbour = extism.Plugin(THROUGH_THE_HOST, functions=[wait])
    with ThreadPoolExecutor(2) as threads:
        calls = [threads.submit(cancelled.call, "run", b""), threads.submit(neighbour.call, "run", b"unharmed")]
        begun.acquire()
        begun.acquire()
        cancelled.cancel_handle().cancel()
        with pytest.raises(extism.Error):
            calls[0].result()
        go_on.set()
        assert calls[1].result() == b"unharmed"


def test_plugins_of_several_threads_run_at_the_same_time(extism: Any) -> None:
    together = threading.Barrier(4)

    @extism.host_fn()
    def host(data: bytes) -> bytes:
        # Nobody gets past this who has the interpreter, or the library, to itself.
        together.wait()
        return data

    def run(number: int) -> bytes:
        return bytes(extism.Plugin(THROUGH_THE_HOST, functions=[host]).call("run", b"%d" % number))

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(run, range(4))) == [b"0", b"1", b"2", b"3"]
