"""Awaited calls, and coroutine functions as host functions."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
from typing import Any

import pytest
from guests import NUDGE, PIPE, guest
from plugwright import (
    CompiledPlugin,
    CurrentPlugin,
    ErrorKind,
    Output,
    Plugin,
    PluginError,
    Pool,
    Val,
    ValType,
    host_fn,
)


def test_a_call_is_awaited() -> None:
    async def main() -> None:
        plugin = Plugin(guest())
        assert await plugin.call_async("echo", "abc") == b"abc"
        assert await plugin.call_async("echo", bytearray(b"abc"), parse=len) == 3
        assert await plugin.call_async("echo", "abc", lambda output: output[0]) == b"a"
        output = await plugin.call_async("echo", "abc", parse=None)
        assert isinstance(output, Output)
        assert list(output) == [b"a", b"b", b"c"]
        assert await plugin.call_async("nothing") == b""
        with pytest.raises(PluginError) as error:
            await plugin.call_async("trap")
        assert (error.value.kind, error.value.function) == (ErrorKind.TRAP, "trap")
        with pytest.raises(TypeError):
            await plugin.call_async("echo", 5)  # type: ignore[call-overload]
        # Both kinds of calls may be mixed.
        assert plugin.call("echo", "x") == b"x"
        assert await plugin.call_async("echo", "y") == b"y"

    asyncio.run(main())


def test_calls_of_one_plug_in_come_one_after_the_other() -> None:
    async def main() -> None:
        plugin = Plugin(guest())
        outputs = await asyncio.gather(*(plugin.call_async("echo", str(number)) for number in range(50)))
        assert outputs == [str(number).encode() for number in range(50)]

    asyncio.run(main())


def test_a_coroutine_function_runs_on_the_loop_that_awaits() -> None:
    async def main() -> None:
        here = asyncio.get_running_loop()
        arrived: asyncio.Event = asyncio.Event()
        context = object()

        @host_fn()
        async def f(plugin: CurrentPlugin, text: str) -> str:
            assert asyncio.get_running_loop() is here
            assert plugin.host_context() is context
            arrived.set()
            await asyncio.sleep(0)
            plugin.set_var("v", "set while waiting")
            return text.upper()

        plugin = Plugin(PIPE)
        call = asyncio.ensure_future(plugin.call_async("run", "abc", host_context=context))
        await arrived.wait()
        assert await call == b"ABC"
        assert plugin.call("recall") == b"set while waiting"

    asyncio.run(main())


def test_many_guests_wait_without_threads_of_their_own() -> None:
    async def main() -> None:
        waiting = [0]
        all_wait = asyncio.Event()

        @host_fn()
        async def f(text: str) -> str:
            waiting[0] += 1
            if waiting[0] == 200:
                all_wait.set()
            await all_wait.wait()
            return text

        compiled = CompiledPlugin(PIPE)
        plugins = [Plugin(compiled) for _ in range(200)]
        before = threading.active_count()
        outputs = await asyncio.gather(*(plugin.call_async("run", "x") for plugin in plugins))
        assert outputs == [b"x"] * 200
        assert threading.active_count() < before + 20

    asyncio.run(main())


def test_a_coroutine_function_under_a_blocking_call() -> None:
    @host_fn()
    async def f(text: str) -> str:
        await asyncio.sleep(0)
        assert threading.current_thread().name == "plugwright-asyncio"
        return text.upper()

    assert Plugin(PIPE).call("run", "abc") == b"ABC"

    async def main() -> bytes:
        # On a thread whose loop cannot run meanwhile.
        return Plugin(PIPE).call("run", "def")

    assert asyncio.run(main()) == b"DEF"


def test_a_coroutine_function_by_signature() -> None:
    @host_fn(signature=([ValType.I64], [ValType.I64]))
    async def f(plugin: CurrentPlugin, params: list[Val], results: list[Val]) -> None:
        text = plugin.input_string(params[0])
        await asyncio.sleep(0)
        plugin.return_string(results[0], text + "!")

    plugin = Plugin(PIPE)
    assert plugin.call("run", "abc") == b"abc!"
    assert asyncio.run(plugin.call_async("run", "abc")) == b"abc!"


def test_what_a_coroutine_function_raises_is_the_cause() -> None:
    raised = ValueError("no luck")

    @host_fn()
    async def f() -> None:
        raise raised

    plugin = Plugin(NUDGE)
    for call in (lambda: plugin.call("run"), lambda: asyncio.run(plugin.call_async("run"))):
        with pytest.raises(PluginError, match="no luck") as error:
            call()
        assert error.value.__cause__ is raised


def test_a_deadline_cancels_a_coroutine() -> None:
    cancelled: list[bool] = []

    @host_fn()
    async def f() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    plugin = Plugin(NUDGE, timeout=0.05)
    for call in (lambda: plugin.call("run"), lambda: asyncio.run(_and_settle(plugin.call_async("run")))):
        with pytest.raises(PluginError) as error:
            call()
        assert error.value.kind is ErrorKind.TIMEOUT

    async def _settled() -> None:
        while len(cancelled) < 2:
            await asyncio.sleep(0)

    asyncio.run(_settled())


async def _and_settle(call: Any) -> Any:
    try:
        return await call
    finally:
        await asyncio.sleep(0)
        await asyncio.sleep(0)


def test_cancelling_the_task_ends_the_call() -> None:
    async def main() -> None:
        waits, ended = asyncio.Event(), asyncio.Event()

        @host_fn()
        async def f() -> None:
            waits.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        plugin = Plugin(NUDGE)
        plugin.call("remember", "kept")
        task = asyncio.ensure_future(plugin.call_async("run"))
        await waits.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await ended.wait()
        assert await plugin.call_async("recall") == b"kept"

    asyncio.run(main())


def test_cancelling_the_task_ends_a_loop() -> None:
    async def main() -> None:
        plugin = Plugin(guest())
        handle = plugin.cancel_handle()
        task = asyncio.ensure_future(plugin.call_async("spin"))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await plugin.call_async("echo", "x") == b"x"
        task = asyncio.ensure_future(plugin.call_async("spin"))
        while not handle.cancel():
            await asyncio.sleep(0)
        with pytest.raises(PluginError) as error:
            await task
        assert error.value.kind is ErrorKind.CANCELLED

    asyncio.run(main())


def test_the_loop_runs_while_a_guest_computes() -> None:
    async def main() -> None:
        plugin = Plugin(guest())
        handle = plugin.cancel_handle()
        task = asyncio.ensure_future(plugin.call_async("spin"))
        # The guest never ends by itself, so this task gets its turns while it computes.
        while not handle.cancel():
            await asyncio.sleep(0)
        with pytest.raises(PluginError):
            await task

    asyncio.run(main())


def test_a_blocking_call_does_not_wait_for_its_own_loop() -> None:
    async def main() -> None:
        waits, go_on = asyncio.Event(), asyncio.Event()

        @host_fn()
        async def f() -> None:
            waits.set()
            await go_on.wait()

        plugin = Plugin(NUDGE)
        task = asyncio.ensure_future(plugin.call_async("run"))
        await waits.wait()
        with pytest.raises(PluginError) as error:
            plugin.call("echo", "x")
        assert error.value.kind is ErrorKind.BUSY
        go_on.set()
        await task
        assert plugin.call("echo", "x") == b"x"

    asyncio.run(main())


def test_a_plug_in_is_not_entered_twice() -> None:
    async def main() -> None:
        @host_fn()
        async def f() -> None:
            await plugin.call_async("echo", "x")

        plugin = Plugin(NUDGE)
        with pytest.raises(PluginError) as error:
            await plugin.call_async("run")
        assert isinstance(error.value.__cause__, PluginError)
        assert error.value.__cause__.kind is ErrorKind.BUSY

    asyncio.run(main())


def test_a_plain_function_under_an_awaited_call() -> None:
    async def main() -> None:
        here = threading.get_ident()

        @host_fn()
        def f(text: str) -> str:
            assert threading.get_ident() != here
            with pytest.raises(PluginError):
                plugin.call("echo", "x")
            return text.upper()

        plugin = Plugin(PIPE)
        assert await plugin.call_async("run", "abc") == b"ABC"

    asyncio.run(main())


def test_views_are_in_the_way_of_awaited_calls_too() -> None:
    async def main() -> None:
        plugin = Plugin(guest())
        with plugin.call_view("echo", "abc") as view:
            with pytest.raises(BufferError):
                await plugin.call_async("echo", "x")
            assert view == b"abc"
        plugin.close()
        with pytest.raises(PluginError) as error:
            await plugin.call_async("echo", "x")
        assert error.value.kind is ErrorKind.CLOSED

    asyncio.run(main())


def test_a_pool_is_awaited() -> None:
    async def main() -> None:
        with Pool(guest(), max=2) as pool:
            outputs = await asyncio.gather(*(pool.call_async("echo", str(number)) for number in range(50)))
            assert outputs == [str(number).encode() for number in range(50)]
            one, two = await pool.acquire_async(), await pool.acquire_async()
            with pytest.raises(PluginError) as error:
                await pool.acquire_async(timeout=0.01)
            assert error.value.kind is ErrorKind.POOL_TIMEOUT
            waiter = asyncio.ensure_future(pool.acquire_async())
            await asyncio.sleep(0)
            one.close()
            with await waiter:
                pass
            given_up = asyncio.ensure_future(pool.acquire_async())
            await asyncio.sleep(0)
            given_up.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await given_up
            two.close()
            del given_up, waiter
            gc.collect()
            assert await pool.call_async("echo", "x", parse=len) == 1
            assert await pool.call_async("echo", "abc", parse=lambda output: output[0]) == b"a"
            assert isinstance(await pool.call_async("echo", "abc", parse=None), Output)

    asyncio.run(main())


def test_an_instance_returns_to_its_pool_however_its_call_ends() -> None:
    async def main() -> None:
        with Pool(guest(), max=1) as pool:
            kept = []
            for _ in range(3):
                with pytest.raises(PluginError) as error:
                    await pool.call_async("trap")
                # With its traceback, and what is referred to there.
                kept.append(error.value)
                task = asyncio.ensure_future(pool.call_async("spin"))
                while pool.available:
                    await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert await pool.call_async("echo", "x") == b"x"

    asyncio.run(main())


def test_a_loop_that_is_gone_is_no_trouble() -> None:
    plugin = Plugin(guest())
    handle = plugin.cancel_handle()

    async def main() -> None:
        task = asyncio.ensure_future(plugin.call_async("spin"))
        await asyncio.sleep(0)
        # The loop ends with the call under way, which is cancelled with it.
        del task

    asyncio.run(main())
    handle.cancel()
    assert plugin.call("echo", "x") == b"x"


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_a_coroutine_function_that_exits_under_a_blocking_call(kind: type[BaseException]) -> None:
    exits = True

    @host_fn()
    async def f() -> None:
        if exits:
            raise kind("enough")

    plugin = Plugin(NUDGE, functions=[f])
    with pytest.raises(kind, match="enough"):
        plugin.call("run")
    # The loop of the package goes on.
    exits = False
    assert plugin.call("run") == b""


def test_a_task_that_outlives_its_host_function_may_call_the_plug_in() -> None:
    async def main() -> None:
        tasks: list[asyncio.Task[bytes]] = []
        ended = asyncio.Event()

        async def afterwards() -> bytes:
            await ended.wait()
            return await plugin.call_async("echo", "later")

        @host_fn()
        async def f() -> None:
            tasks.append(asyncio.create_task(afterwards()))

        plugin = Plugin(NUDGE, functions=[f])
        await plugin.call_async("run")
        ended.set()
        assert await tasks[0] == b"later"

    asyncio.run(main())


def test_a_blocking_call_in_a_coroutine_function_does_not_wait_for_it() -> None:
    kinds: list[ErrorKind] = []

    @host_fn()
    async def f() -> None:
        with pytest.raises(PluginError) as error:
            plugin.call("nothing")
        kinds.append(error.value.kind)
        # On another thread, for which the coroutine waits.
        with pytest.raises(PluginError) as error:
            await asyncio.to_thread(plugin.call, "nothing")
        kinds.append(error.value.kind)

    plugin = Plugin(NUDGE, functions=[f])
    plugin.call("run")
    asyncio.run(plugin.call_async("run"))
    assert kinds == [ErrorKind.BUSY] * 4
