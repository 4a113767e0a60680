"""Threads: other threads run while a plug-in does, and calls of one plug-in come one after the other."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from guests import NUDGE, PIPE, guest
from plugwright import CompiledPlugin, CurrentPlugin, ErrorKind, Output, Plugin, PluginError, Pool, host_fn


def test_other_threads_run_while_a_guest_does() -> None:
    plugin = Plugin(guest())
    handle = plugin.cancel_handle()
    errors: list[PluginError] = []

    def call() -> None:
        with pytest.raises(PluginError) as error:
            plugin.call("spin")
        errors.append(error.value)

    # Were the interpreter's lock held by the guest, which never ends by itself, this thread would not get on.
    thread = threading.Thread(target=call)
    thread.start()
    while not handle.cancel():
        pass
    thread.join()
    assert errors[0].kind is ErrorKind.CANCELLED


def test_two_guests_run_at_the_same_time() -> None:
    both = threading.Barrier(2)

    @host_fn()
    def f() -> None:
        both.wait()

    compiled = CompiledPlugin(NUDGE)
    with ThreadPoolExecutor(2) as executor:
        calls = [executor.submit(Plugin(compiled).call, "run") for _ in range(2)]
        assert [call.result() for call in calls] == [b"", b""]


def test_calls_of_one_plug_in_come_one_after_the_other() -> None:
    inside: list[int] = []
    started, go_on = threading.Event(), threading.Event()

    @host_fn()
    def f(text: str) -> str:
        inside.append(1)
        started.set()
        go_on.wait()
        assert len(inside) == 1
        inside.pop()
        return text

    plugin = Plugin(PIPE)
    with ThreadPoolExecutor(4) as executor:
        first = executor.submit(plugin.call, "run", "0")
        started.wait()
        others = [executor.submit(plugin.call, "run", str(number)) for number in range(1, 4)]
        go_on.set()
        assert first.result() == b"0"
        assert [other.result() for other in others] == [b"1", b"2", b"3"]


def test_threads_share_a_plug_in() -> None:
    plugin = Plugin(guest())

    def echo(number: int) -> str:
        return plugin.call("echo", str(number), parse=lambda output: output.decode())

    with ThreadPoolExecutor(4) as executor:
        assert list(executor.map(echo, range(1000))) == [str(number) for number in range(1000)]


def test_many_threads_hammer_one_plug_in_and_look_at_its_output() -> None:
    plugin = Plugin(guest())

    def hammer(number: int) -> int:
        good = 0
        for turn in range(200):
            data = f"{number}:{turn}".encode()
            try:
                with plugin.call_view("echo", data) as view:
                    got = view.tobytes()
            except BufferError:
                # Another thread looks at its own.
                continue
            assert got == data
            good += 1
        return good

    with ThreadPoolExecutor(4) as executor:
        assert sum(executor.map(hammer, range(4))) > 0
    assert plugin.call("echo", "x") == b"x"


def test_the_plug_in_of_a_host_function_is_used_from_another_thread() -> None:
    @host_fn()
    def f(plugin: CurrentPlugin, text: str) -> str:
        with ThreadPoolExecutor(1) as executor:
            executor.submit(plugin.set_var, "v", text).result()
        return text.upper()

    plugin = Plugin(PIPE)
    assert plugin.call("run", "abc") == b"ABC"
    assert plugin.call("recall") == b"abc"


def test_a_pool_gives_out_so_many_at_a_time() -> None:
    with Pool(guest(), max=2) as pool:
        assert (pool.max, pool.available) == (2, 2)
        one, two = pool.acquire(), pool.acquire()
        assert one.id != two.id
        with pytest.raises(PluginError) as error:
            pool.acquire(timeout=0.01)
        assert error.value.kind is ErrorKind.POOL_TIMEOUT
        one.call("remember", "kept")
        one.close()
        with pool.acquire() as again:
            assert again.call("recall") == b"kept"
        two.close()
        assert pool.available == 2
    with pytest.raises(PluginError) as error:
        pool.acquire()
    assert error.value.kind is ErrorKind.CLOSED
    with pytest.raises(ValueError, match="at least one"):
        Pool(guest(), max=0)


def test_threads_wait_for_a_pool() -> None:
    inside, most = [0], [0]
    lock = threading.Lock()

    @host_fn()
    def f(text: str) -> str:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        with lock:
            inside[0] -= 1
        return text

    with Pool(PIPE, max=2) as pool, ThreadPoolExecutor(8) as executor:
        outputs = executor.map(lambda number: pool.call("run", str(number)), range(100))
        assert list(outputs) == [str(number).encode() for number in range(100)]
        assert pool.available == 2
    assert 1 <= most[0] <= 2


def test_a_pool_recovers_from_traps() -> None:
    with Pool(guest(), max=1) as pool:
        for _ in range(3):
            with pytest.raises(PluginError):
                pool.call("trap")
            assert pool.call("echo", "x") == b"x"
        assert pool.call("echo", "[1]", parse=len) == 3
        assert pool.call("echo", "abc", parse=lambda output: output[0]) == b"a"
        assert isinstance(pool.call("echo", "abc", parse=None), Output)
        assert type(pool.call("echo", "abc")) is bytes
