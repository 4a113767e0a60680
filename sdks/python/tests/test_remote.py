"""Plug-ins on workers, with a real NATS server and the worker of this checkout."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from plugwright import ErrorKind, Nats, Output, PluginError, Pool

GUEST = """(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error (param i64)))
  (func (export "echo") (result i32) (call $output (call $input) (call $length)) (i32.const 0))
  (func (export "refuse") (result i32) (call $error (call $input)) (i32.const 7))
  ;; The call keeps the trap in one place: compiled code of a lone `unreachable` has it twice, at two offsets.
  (func (export "crash") (drop (call $length)) unreachable)
  (func (export "spin") (loop $again (br $again))))"""

#: The programs of this checkout.
PROGRAMS = Path(os.environ["PLUGWRIGHT_PROGRAMS"])


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    program = PROGRAMS / "test-server"
    with subprocess.Popen([program, "nats"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


@pytest.fixture(scope="module")
def nats(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    guest = tmp_path_factory.mktemp("guest") / "p.wat"
    guest.write_text(GUEST)
    command = [PROGRAMS / "plugwright", "worker", "--json", "--no-store", "--nats", server, "--concurrency", "1", guest]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert list(json.loads(worker.stdout.readline())["plugins"]) == ["p"]
        yield Nats(server)
        worker.terminate()
        assert worker.wait() == 0


def test_outputs_and_errors_are_those_of_a_local_pool(nats: Nats) -> None:
    remote = nats.plugin("p")
    with Pool(GUEST, max=1, name="p") as local:
        assert remote.call("echo", "Jane Doe 👋") == local.call("echo", "Jane Doe 👋")
        for function in ("refuse", "crash", "ecko"):
            with pytest.raises(PluginError) as there:
                remote.call(function, "sold out")
            with pytest.raises(PluginError) as here:
                local.call(function, "sold out")
            for field in ("kind", "code", "plugin", "function", "backtrace"):
                assert getattr(there.value, field) == getattr(here.value, field), (function, field)
            assert str(there.value) == str(here.value)
    assert remote.call("echo", b"[1, 2]", parse=json.loads) == [1, 2]
    assert remote.call("echo", b"abc", parse=lambda output: output[0]) == b"a"
    assert isinstance(remote.call("echo", b"abc", parse=None), Output)


def test_what_does_not_fit_into_a_message_goes_in_parts(nats: Nats) -> None:
    remote = nats.plugin("p")
    sent = bytes(range(251)) * (5 * 2**20 // 251 + 1)
    assert remote.call("echo", sent) == sent
    assert asyncio.run(remote.call_async("echo", sent)) == sent
    bounded = nats.plugin("p", max_bytes=3)
    assert bounded.call("echo", "abc") == b"abc"
    with pytest.raises(PluginError, match="max_bytes") as error:
        bounded.call("echo", "abcd")
    assert error.value.kind is ErrorKind.LIMIT


def test_calls_can_be_awaited_and_cancelled(nats: Nats) -> None:
    remote = nats.plugin("p", wait=60)

    async def calls() -> None:
        outputs = await asyncio.gather(*(remote.call_async("echo", str(n)) for n in range(20)))
        assert outputs == [str(n).encode() for n in range(20)]
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(remote.call_async("spin"), 0.2)
        # The worker has one place, which is free again.
        assert await remote.call_async("echo", "free", parse=bytes.decode) == "free"
        assert await remote.call_async("echo", "abc", None) == b"abc"

    asyncio.run(calls())


def test_a_deadline_and_a_missing_worker_have_their_kinds(nats: Nats) -> None:
    with pytest.raises(PluginError) as error:
        nats.plugin("p", timeout=0.2).call("spin")
    assert error.value.kind == ErrorKind.TIMEOUT
    with pytest.raises(PluginError) as error:
        nats.plugin("nobody", wait=0.1).call("echo")
    assert error.value.kind == ErrorKind.UNAVAILABLE
    with pytest.raises(ValueError, match="letters, digits"):
        nats.plugin("a.b")


def test_a_wrong_address_is_told_without_its_password() -> None:
    with pytest.raises(PluginError) as error:
        Nats("nats://jane:s3cret@127.0.0.1:1")
    assert error.value.kind == ErrorKind.UNAVAILABLE
    assert "127.0.0.1:1" in str(error.value) and "s3cret" not in str(error.value)
    with pytest.raises(ValueError, match=r"nats://127\.0\.0\.1:4222"):
        Nats("http://x")
