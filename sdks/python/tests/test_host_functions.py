"""Host functions: by annotations and by signature, and the memory that they share with plug-ins."""

from __future__ import annotations

import json
import pickle
import struct
from typing import Annotated, Any, Optional

import plugwright
import pytest
from guests import NUDGE, PIPE, guest
from plugwright import (
    Codec,
    CurrentPlugin,
    ErrorKind,
    Function,
    Json,
    Memory,
    Pickle,
    Plugin,
    PluginError,
    Val,
    ValType,
)
from plugwright import host_fn as public_host_fn
from plugwright._host_function import HOST_FN_REGISTRY, ExplicitFunction, TypeInferredFunction

host_fn = public_host_fn


def test_text_and_bytes() -> None:
    @host_fn("f")
    def text(value: str) -> str:
        return value.upper()

    assert Plugin(PIPE, functions=[text]).call("run", "häl") == "HÄL".encode()

    @host_fn("f")
    def data(value: bytes) -> bytes:
        return value[::-1]

    assert Plugin(PIPE, functions=[data]).call("run", b"\xff\0") == b"\0\xff"


def test_codecs() -> None:
    @host_fn("f")
    def by_json(value: Annotated[dict, Json]) -> Annotated[list, Json]:  # type: ignore[type-arg]
        return [value["a"], None]

    assert json.loads(Plugin(PIPE, functions=[by_json]).call("run", '{"a": 1}')) == [1, None]

    @host_fn("f")
    def by_pickle(value: Annotated[Any, Pickle]) -> Annotated[Any, Pickle]:
        return {value}

    assert pickle.loads(Plugin(PIPE, functions=[by_pickle]).call("run", pickle.dumps((1, 2)))) == {(1, 2)}

    @host_fn("f")
    def by_codec(value: Annotated[str, Codec(lambda data: data.decode("utf-16"))]) -> Annotated[str, Codec(str.encode)]:
        return value + "!"

    assert Plugin(PIPE, functions=[by_codec]).call("run", "hé".encode("utf-16")) == "hé!".encode()


def test_none_is_the_null_block() -> None:
    seen = []

    @host_fn("f")
    def f(value: Optional[str]) -> Optional[bytes]:
        seen.append(value)
        return None if value is None else b"some"

    plugin = Plugin(PIPE, functions=[f])
    assert plugin.call("run", "x") == b"some"
    assert plugin.call("run", "") == b""
    assert seen == ["x", None]


NUMBERS = guest(
    """(import "extism:host/user" "numbers" (func $numbers (param i64 f64 i32) (result i64)))
       (import "extism:host/user" "float" (func $float (param f64) (result f64)))
       (import "extism:host/user" "no" (func $no (param i32) (result i32)))
       (import "extism:host/user" "two" (func $two (result i64 f64)))""",
    """(func (export "numbers") (call $out (call $numbers (i64.const -5) (f64.const 1.5) (i32.const 1))))
       (func (export "float") (call $out_number (i64.trunc_f64_s (call $float (f64.const 2.5)))))
       (func (export "no") (call $out_number (i64.extend_i32_s (call $no (i32.const 0)))))
       (func (export "two") (local $f f64)
         (call $two) (local.set $f) drop
         (call $out_number (i64.trunc_f64_s (local.get $f))))""",
)


def test_numbers() -> None:
    @host_fn()
    def numbers(integer: int, real: float, truth: bool) -> int:
        assert (integer, real, truth) == (-5, 1.5, True)
        assert isinstance(truth, bool)
        # The result of an `int` is a block of 8 bytes, as in the public SDK.
        return -2

    @host_fn("float")
    def doubled(real: float) -> float:
        return real * 2

    @host_fn("no")
    def negated(truth: bool) -> bool:
        return not truth

    @host_fn()
    def two() -> tuple[str, float]:
        return "text", 9.0

    plugin = Plugin(NUMBERS)
    assert plugin.call("numbers") == struct.pack("<q", -2)
    assert plugin.call("float") == struct.pack("<q", 5)
    assert plugin.call("no") == struct.pack("<q", 1)
    assert plugin.call("two") == struct.pack("<q", 9)


def test_annotations_that_say_nothing() -> None:
    with pytest.raises(TypeError, match="must include Python type annotations"):

        @host_fn()
        def bare(x):  # type: ignore[no-untyped-def]
            pass

    with pytest.raises(TypeError, match="Could not infer input type for argument x"):

        @host_fn()
        def odd(x: object) -> None:
            pass

    with pytest.raises(TypeError, match="Could not infer return type"):

        @host_fn()
        def odder() -> object:
            pass


def test_the_plug_in_that_calls() -> None:
    context = object()
    seen: list[Any] = []

    @host_fn("f")
    def f(plugin: CurrentPlugin, key: str) -> bytes:
        seen.extend([plugin.id, plugin.name, plugin.host_context(), plugin.config(key), plugin.var("v")])
        seen.extend([plugin.time_left(), plugin.is_cancelled()])
        plugin.set_var("v", "set by the host")
        return b""

    plugin = Plugin(PIPE, config={"k": "value"}, functions=[f], name="caller")
    plugin.call("remember", "before")
    plugin.call("run", "k", host_context=context)
    assert seen == [plugin.id, "caller", context, "value", b"before", None, False]
    assert plugin.call("recall") == b"set by the host"
    seen.clear()
    plugin.call("run", "other")
    assert seen[2:5] == [None, None, b"set by the host"]


def test_a_signature_gives_values() -> None:
    @host_fn(signature=([ValType.PTR], [ValType.I64]), user_data=b"and data")
    def f(plugin: CurrentPlugin, params: list[Val], results: list[Val], user_data: bytes) -> None:
        assert (params[0].t, results[0].t, results[0].value) == (ValType.I64, ValType.I64, 0)
        memory = plugin.memory_at_offset(params[0])
        assert len(memory) == memory.length == 5
        text = plugin.input_string(params[0])
        assert plugin.input_bytes(params[0]) == plugin.memory(memory)[:] == plugin.input_buffer(params[0])[:]
        plugin.return_string(results[0], f"{text} {user_data.decode()}")

    plugin = Plugin(PIPE, functions=[f])
    assert plugin.call("run", "input") == b"input and data"
    assert isinstance(f, ExplicitFunction)
    assert repr(Val(ValType.I32, 5)) == "Val(ValType.I32, 5)"
    assert ValType.PTR is ValType.I64


def test_memory_is_read_and_written() -> None:
    @host_fn(signature=([ValType.I64], [ValType.I64]))
    def f(plugin: CurrentPlugin, params: list[Val], results: list[Val]) -> None:
        memory = plugin.alloc(8)
        block = plugin.memory(memory)
        assert len(block) == 8
        block[:] = b"........"
        block[0] = b"<"
        block[-1:] = b">"
        struct.pack_into("<H", block, 2, 0x4142)
        with memoryview(block) as view:
            view[4] = ord("x")
        for key, value, error in [(slice(0, 2), b"x", ValueError), (8, b"x", IndexError), ("a", b"x", TypeError)]:
            with pytest.raises(error):
                block[key] = value  # type: ignore[index]
        with pytest.raises(IndexError):
            plugin.memory(Memory(memory.offset, 9))
        assert plugin.memory(Memory(memory.offset, 2))[:] == b"<."
        freed = plugin.alloc(3)
        plugin.free(freed)
        with pytest.raises(PluginError):
            plugin.memory(freed)
        results[0].value = memory.offset

    assert Plugin(PIPE, functions=[f]).call("run", "") == b"<.BAx..>"


def test_where_no_block_starts() -> None:
    @host_fn(signature=([ValType.I64], [ValType.I64]))
    def f(plugin: CurrentPlugin, params: list[Val], results: list[Val]) -> None:
        kept = plugin.memory_at_offset(params[0])
        for offset in (kept.offset + 1, 2**40, -8):
            none = plugin.memory_at_offset(offset)
            assert (none.offset, len(none)) == (offset, 0)
            plugin.free(none)
            with pytest.raises(PluginError) as error:
                plugin.memory(none)
            assert error.value.kind is ErrorKind.CONTRACT
        plugin.free(Memory(0, 0))
        results[0].value = kept.offset

    assert Plugin(PIPE, functions=[f]).call("run", "kept") == b"kept"


def test_a_block_of_nothing() -> None:
    @host_fn(signature=([ValType.I64], [ValType.I64]))
    def f(plugin: CurrentPlugin, params: list[Val], results: list[Val]) -> None:
        assert params[0].value == 0
        assert (plugin.input_bytes(params[0]), plugin.input_string(params[0])) == (b"", "")
        assert plugin.alloc(0).offset == 0
        plugin.return_bytes(results[0], b"")

    assert Plugin(PIPE, functions=[f]).call("run", "") == b""


def test_an_offset_of_no_block_is_the_plug_ins_fault() -> None:
    @host_fn()
    def f(text: str) -> str:
        return text

    for offset in ("(i64.add (call $input) (i64.const 1))", "(i64.const -8)", "(i64.const 0x7fffffffffffffff)"):
        wat = guest(
            '(import "extism:host/user" "f" (func $f (param i64) (result i64)))',
            f'(func (export "run") (call $out (call $f {offset})))',
        )
        plugin = Plugin(wat)
        with pytest.raises(PluginError) as error:
            plugin.call("run", "input")
        assert (error.value.kind, error.value.function) == (ErrorKind.CONTRACT, "run")
        assert plugin.call("echo", "x") == b"x"


def test_text_that_is_none() -> None:
    @host_fn()
    def f(text: str) -> str:
        return text

    with pytest.raises(PluginError, match="can't decode byte 0xff") as error:
        Plugin(PIPE).call("run", b"\xff")
    assert isinstance(error.value.__cause__, UnicodeDecodeError)


def test_the_use_of_a_plug_in_ends_with_the_function() -> None:
    kept: list[Any] = []

    @host_fn()
    def f(plugin: CurrentPlugin) -> None:
        memory = plugin.alloc(3)
        kept.extend([plugin, memory, plugin.memory(memory)])

    plugin = Plugin(NUDGE)
    plugin.call("run")
    current, memory, block = kept
    for use in (lambda: current.alloc(1), lambda: current.memory(memory), lambda: block[:], lambda: memoryview(block)):
        with pytest.raises(RuntimeError, match="the host function has ended"):
            use()
    assert plugin.call("echo", "x") == b"x"


def test_results_of_another_type() -> None:
    @host_fn(signature=([], [ValType.I64]))
    def wrong(plugin: CurrentPlugin, params: list[Val], results: list[Val]) -> None:
        results[0] = Val(ValType.F64, 1.0)

    wat = guest(
        '(import "extism:host/user" "wrong" (func $wrong (result i64)))', '(func (export "run") (drop (call $wrong)))'
    )
    with pytest.raises(PluginError, match="Output type mismatch"):
        Plugin(wat).call("run")

    @host_fn("wrong", signature=([], [ValType.I64]))
    def large(plugin: CurrentPlugin, params: list[Val], results: list[Val]) -> None:
        results[0].value = 1 << 64

    with pytest.raises(PluginError) as error:
        Plugin(wat).call("run")
    assert isinstance(error.value.__cause__, OverflowError)


def test_references_are_refused() -> None:
    @host_fn(signature=([ValType.EXTERN_REF], []))
    def f(*_: Any) -> None:
        pass

    with pytest.raises(TypeError, match="no references"):
        Plugin(NUDGE)


def test_modules() -> None:
    wat = guest('(import "my:module" "f" (func $f))', '(func (export "run") (call $f))')
    called = []

    @host_fn(namespace="my:module")
    def f() -> None:
        called.append(1)

    Plugin(wat).call("run")
    assert called == [1]
    with pytest.raises(PluginError, match=r"extism:host/user\.f"):
        Plugin(NUDGE)


def test_of_functions_with_one_name_the_last_counts() -> None:
    called = []

    @host_fn("f")
    def first() -> None:
        called.append("first")

    @host_fn("f")
    def second() -> None:
        called.append("second")

    Plugin(NUDGE).call("run")
    assert called == ["second"]
    Plugin(NUDGE, functions=[first]).call("run")
    assert called == ["second", "first"]
    with pytest.raises(PluginError):
        Plugin(NUDGE, functions=[])
    with pytest.raises(PluginError):
        Plugin(NUDGE, functions=None)


def test_what_the_decorator_returns() -> None:
    @host_fn(user_data=[1, 2])
    def f(text: str, one, two) -> str:  # type: ignore[no-untyped-def]
        """Documented."""
        return f"{text}{one}{two}"

    assert isinstance(f, TypeInferredFunction)
    assert isinstance(f, Function)
    assert (f.name, f.namespace, f.args, f.returns) == ("f", None, [1], [1])
    assert (f.__name__, f.__doc__) == ("f", "Documented.")
    assert [f] == HOST_FN_REGISTRY
    assert Plugin(PIPE).call("run", "a") == b"a12"
    assert f.__wrapped__("a", 1, 2) == "a12"

    @host_fn()
    def seven(plugin: CurrentPlugin) -> int:
        return 7

    # As one over WebAssembly values, which the public SDK makes of it too.
    seven(None, [], [])


def test_a_function_of_its_class() -> None:
    def f(plugin: CurrentPlugin, params: list[Val], results: list[Val], data: str) -> None:
        plugin.return_string(results[0], plugin.input_string(params[0]) + data)

    function = plugwright.Function("extism:host/user", "f", [ValType.I64], [ValType.I64], f, "!")
    assert Plugin(PIPE, functions=[function]).call("run", "a") == b"a!"


def test_a_function_may_use_another_plug_in() -> None:
    inner = Plugin(guest())

    @host_fn()
    def f(text: str) -> bytes:
        return inner.call("echo", text + text)

    assert Plugin(PIPE).call("run", "ab") == b"abab"


def test_a_plug_in_is_not_entered_twice() -> None:
    @host_fn()
    def f() -> None:
        plugin.call("echo", "x")

    plugin = Plugin(NUDGE)
    with pytest.raises(PluginError) as error:
        plugin.call("run")
    assert isinstance(error.value.__cause__, PluginError)
    assert error.value.__cause__.kind is ErrorKind.BUSY
    assert plugin.call("echo", "x") == b"x"


def test_cancelling_from_within() -> None:
    @host_fn()
    def f() -> None:
        assert handle.cancel()

    plugin = Plugin(guest('(import "extism:host/user" "f" (func $f))', '(func (export "run") (call $f) (loop (br 0)))'))
    handle = plugin.cancel_handle()
    with pytest.raises(PluginError) as error:
        plugin.call("run")
    assert error.value.kind is ErrorKind.CANCELLED
    assert not handle.cancel()
