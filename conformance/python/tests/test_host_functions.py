"""Host functions, by annotations and by signature."""

# Without `from __future__ import annotations`: `host_fn` evaluates annotations among a module's names.

import pickle
from pathlib import Path
from typing import Annotated, Any

import pytest

from conformance_runner.surface import Extism

from .conftest import GUESTS, THROUGH_THE_HOST


class Grumble:
    """Something to pickle."""

    def __init__(self, words: str) -> None:
        self.words = words


def call(extism: Any, host: Any, data: Any, **more: Any) -> Any:
    """What the guest answers after it lent its input to the host function."""
    return extism.Plugin(THROUGH_THE_HOST, functions=[host]).call("run", data, **more)


def test_text(extism: Any) -> None:
    @extism.host_fn(name="host")
    def host(text: str) -> str:
        return f"{text}, {text[::-1]}"

    assert call(extism, host, "naïve 💜") == "naïve 💜, 💜 evïan".encode()


def test_bytes(extism: Any) -> None:
    @extism.host_fn()
    def host(data: bytes) -> bytes:
        return data * 2

    assert call(extism, host, b"\0\xff") == b"\0\xff\0\xff"
    large = b"0123456789abcdef" * 65536
    assert call(extism, host, large) == large * 2


def test_no_bytes(extism: Any) -> None:
    @extism.host_fn()
    def host(data: bytes) -> bytes:
        return data[:0]

    assert call(extism, host, b"x") == b""


def test_json(extism: Any) -> None:
    @extism.host_fn()
    def host(value: Annotated[dict[str, Any], extism.Json]) -> Annotated[list[Any], extism.Json]:
        return [value["a"], {"b": None}]

    assert call(extism, host, '{"a": "ä"}', parse=lambda output: bytes(output)) == b'["\\u00e4", {"b": null}]'


def test_pickle(extism: Any) -> None:
    @extism.host_fn()
    def host(value: Annotated[Grumble, extism.Pickle]) -> Annotated[Grumble, extism.Pickle]:
        return Grumble(value.words.upper())

    answer = pickle.loads(call(extism, host, pickle.dumps(Grumble("why"))))
    assert answer.words == "WHY"


def test_codec(extism: Any) -> None:
    @extism.host_fn()
    def host(
        text: Annotated[str, extism.Codec(lambda data: data.decode("shift_jis"))],
    ) -> Annotated[str, extism.Codec(lambda text: text.encode("utf-16-le"))]:
        return text * 2

    assert call(extism, host, "日本".encode("shift_jis")) == ("日本" * 2).encode("utf-16-le")


def test_offsets_by_signature(extism: Any) -> None:
    @extism.host_fn(signature=([extism.ValType.PTR], [extism.ValType.PTR]), user_data=b"greeting ")
    def host(plugin: Any, params: list[Any], results: list[Any], *user_data: bytes) -> None:
        block = plugin.memory_at_offset(params[0])
        assert plugin.memory(block)[:] == plugin.input_bytes(params[0]) == b"Jane"
        assert plugin.input_string(params[0]) == "Jane"
        spare = plugin.alloc(1000)
        assert len(spare) == 1000
        plugin.free(spare)
        assert len(plugin.memory_at_offset(spare.offset)) == 0
        plugin.return_bytes(results[0], user_data[0] + b"Jane")

    assert call(extism, host, "Jane") == b"greeting Jane"


def test_the_plugin_beside_annotated_parameters(extism: Any) -> None:
    @extism.host_fn()
    def host(plugin: extism.CurrentPlugin, text: str) -> str:
        context: Any = plugin.host_context()
        return f"{text} {context['user']}"

    plugin = extism.Plugin(THROUGH_THE_HOST, functions=[host])
    # Each call has its own context.
    for user in ("first", "second"):
        assert plugin.call("run", "for", host_context={"user": user}) == f"for {user}".encode()


def test_no_context(extism: Any) -> None:
    @extism.host_fn()
    def host(plugin: extism.CurrentPlugin, _text: str) -> str:
        return repr(plugin.host_context())

    assert call(extism, host, b"x") == b"None"


MIX = b"""(module
  (import "extism:host/user" "mix" (func $mix (param i32 i64 f32 f64) (result RESULT)))
  (func (export "run") (result i32)
    (CONVERT
      (call $mix (i32.const -1) (i64.const -9223372036854775808) (f32.const 0.5) (f64.const -1.5)))))"""


def test_numbers_of_every_type(extism: Any) -> None:
    types = extism.ValType
    seen = []

    @extism.host_fn(signature=([types.I32, types.I64, types.F32, types.F64], [types.I64]))
    def mix(_plugin: Any, params: list[Any], results: list[Any]) -> None:
        seen.append([(param.t, param.value) for param in params])
        results[0].value = -3

    guest = MIX.replace(b"RESULT", b"i64").replace(b"CONVERT", b"i32.wrap_i64")
    with pytest.raises(extism.Error, match=r"\bcode:? -3$"):
        extism.Plugin(guest, functions=[mix]).call("run", b"")
    assert seen == [[(types.I32, -1), (types.I64, -(2**63)), (types.F32, 0.5), (types.F64, -1.5)]]


def test_a_callback_of_c(extism: Any, library_path: Path) -> None:
    types = extism.ValType
    mix = Extism(extism, library_path).number_function(
        {"name": "mix", "namespace": None},
        [types.I32, types.I64, types.F32, types.F64],
        lambda *numbers: numbers[3] * 2,
    )
    guest = MIX.replace(b"RESULT", b"f64").replace(b"CONVERT", b"i32.trunc_f64_s")
    with pytest.raises(extism.Error, match=r"\bcode:? -3$"):
        extism.Plugin(guest, functions=[mix]).call("run", b"")


def test_a_chosen_namespace(extism: Any) -> None:
    @extism.host_fn(name="host", namespace="other")
    def elsewhere(data: bytes) -> bytes:
        return b"elsewhere: " + data

    @extism.host_fn(name="host")
    def host(data: bytes) -> bytes:
        return b"here: " + data

    guest = THROUGH_THE_HOST.replace(b'"extism:host/user"', b'"other"')
    both = [host, elsewhere]
    assert extism.Plugin(guest, functions=both).call("run", b"x") == b"elsewhere: x"
    assert extism.Plugin(THROUGH_THE_HOST, functions=both).call("run", b"x") == b"here: x"


def test_the_last_of_several_functions_with_a_name_counts(extism: Any) -> None:
    @extism.host_fn(name="host")
    def first(_data: bytes) -> bytes:
        return b"first"

    @extism.host_fn(name="host")
    def last(_data: bytes) -> bytes:
        return b"last"

    assert extism.Plugin(THROUGH_THE_HOST, functions=[first, last]).call("run", b"x") == b"last"
    # All functions that were ever made, which is the default.
    assert extism.Plugin(THROUGH_THE_HOST).call("run", b"x") == b"last"


def test_a_function_that_is_not_lent(extism: Any) -> None:
    with pytest.raises(extism.Error, match="host"):
        extism.Plugin(THROUGH_THE_HOST, functions=[])


def test_one_function_for_many_plugins(extism: Any) -> None:
    calls = []

    @extism.host_fn()
    def host(text: str) -> str:
        calls.append(text)
        return text

    plugins = [extism.Plugin(THROUGH_THE_HOST, functions=[host]) for _ in range(20)]
    for number, plugin in enumerate(plugins):
        plugin.call("run", str(number))
    del plugins[:10]
    for plugin in plugins:
        assert plugin.call("run", "again") == b"again"
    assert calls == [*map(str, range(20)), *["again"] * 10]


def test_another_plugin_is_called_from_a_host_function(extism: Any) -> None:
    inner = extism.Plugin(str(GUESTS / "wat" / "echo.wat"))

    @extism.host_fn()
    def host(data: bytes) -> bytes:
        return bytes(inner.call("echo", b"<" + data + b">"))

    assert call(extism, host, b"x") == b"<x>"


def test_a_guest_with_a_pdk(extism: Any) -> None:
    values: dict[str, bytes] = {}

    @extism.host_fn()
    def kv_read(key: str) -> bytes:
        return values.get(key, b"")

    @extism.host_fn()
    def kv_write(key: str, value: bytes):  # type: ignore[no-untyped-def]  # `-> None` is a type that it does not know
        values[key] = value

    plugin = extism.Plugin(str(GUESTS / "build" / "rust_kv.wasm"), functions=[kv_read, kv_write])
    assert [plugin.call("kv_count", "visits") for _ in range(3)] == [b"1", b"2", b"3"]
    assert values == {"visits": b"3"}
