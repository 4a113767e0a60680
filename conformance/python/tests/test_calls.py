"""Calls: data in and out, errors, and what a call leaves behind."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from .conftest import GUESTS

ECHO = str(GUESTS / "wat" / "echo.wat")


def test_text_and_bytes_go_in(extism: Any) -> None:
    plugin = extism.Plugin(ECHO)
    assert plugin.call("echo", "naïve 💜") == "naïve 💜".encode()
    assert plugin.call("echo", bytes(range(256))) == bytes(range(256))
    assert plugin.call("echo", "") == b""


def test_a_mebibyte(extism: Any) -> None:
    data = b"plugwright" * 104_858
    assert extism.Plugin(ECHO).call("echo", data) == data


def test_output_is_parsed(extism: Any) -> None:
    plugin = extism.Plugin(ECHO)
    assert plugin.call("echo", "[1]", parse=lambda output: bytes(output).decode()) == "[1]"
    view = plugin.call("echo", b"view", parse=None)
    assert view[:] == b"view"


def test_the_guests_code(extism: Any) -> None:
    plugin = extism.Plugin(str(GUESTS / "wat" / "hazard_11_return_code.wat"))
    for _ in range(2):
        with pytest.raises(extism.Error, match=r"\bcode:? 200$"):
            plugin.call("two_hundred", b"")
        with pytest.raises(extism.Error, match=r"\bcode:? -2147483648$"):
            plugin.call("smallest", b"")
        # An error is over with the next call.
        assert plugin.call("zero", b"") == b""


def test_the_guests_message(extism: Any) -> None:
    plugin = extism.Plugin(str(GUESTS / "build" / "rust_fail.wasm"))
    with pytest.raises(extism.Error, match=r"^what went wrong$"):
        plugin.call("fail_message", "what went wrong")


def test_a_function_that_is_missing(extism: Any) -> None:
    plugin = extism.Plugin(ECHO)
    with pytest.raises(extism.Error, match="no_such"):
        plugin.call("no_such", b"")
    assert plugin.call("echo", b"x") == b"x"


def test_a_trap_does_not_end_the_plugin(extism: Any) -> None:
    plugin = extism.Plugin(str(GUESTS / "wat" / "hazard_16_trap_then_work.wat"))
    for _ in range(3):
        with pytest.raises(extism.Error, match=r"."):
            plugin.call("trap", b"")
        assert plugin.call("first_word", b"") == b""


def test_deadline(extism: Any) -> None:
    plugin = extism.Plugin({"wasm": [{"path": str(GUESTS / "wat" / "spin.wat")}], "timeout_ms": 50})
    for _ in range(2):
        with pytest.raises(extism.Error, match="timeout"):
            plugin.call("spin", b"")
        assert plugin.call("work", b"") == b""


def test_wasi_is_off_until_asked_for(extism: Any) -> None:
    world = str(GUESTS / "wat" / "wasi_world.wat")
    assert extism.Plugin(world, wasi=True).call("args", b"") == b"0"
    with pytest.raises(extism.Error, match="wasi"):
        extism.Plugin(world)


def test_version(extism: Any) -> None:
    assert extism.extism_version().count(".") >= 2


def test_a_thousand_plugins_created_and_freed(extism: Any) -> None:
    for number in range(1000):
        data = b"%d" % number
        with extism.Plugin(ECHO) as plugin:
            assert plugin.call("echo", data) == data


def test_a_thousand_plugins_at_once(extism: Any) -> None:
    compiled = extism.extism.CompiledPlugin(ECHO)
    plugins = [extism.Plugin(compiled) for _ in range(1000)]
    for number, plugin in enumerate(plugins):
        assert plugin.call("echo", b"%d" % number) == b"%d" % number
    # Freed in another order than they were made.
    del plugins[::2]
    gc.collect()
    assert {plugin.call("echo", b"left") for plugin in plugins} == {b"left"}
