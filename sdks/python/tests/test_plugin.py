"""Building and calling plug-ins."""

from __future__ import annotations

import base64
import gc
import hashlib
import http.server
import json
import math
import pathlib
import threading
import uuid
import weakref
from datetime import timedelta
from typing import Optional

import plugwright
import pytest
from guests import PIPE, guest
from plugwright import CompiledPlugin, CurrentPlugin, ErrorKind, Plugin, PluginError, Pool, host_fn

WAT = guest()


def test_output_is_bytes_unless_it_is_parsed() -> None:
    plugin = Plugin(WAT)
    assert plugin.call("echo", "häl\0lo") == "häl\0lo".encode()
    assert plugin.call("echo", b"\xff") == b"\xff"
    assert plugin.call("echo", "[1, 2]", parse=lambda output: json.loads(output[:].decode())) == [1, 2]
    assert plugin.call("echo", "x", lambda output: (len(output), output[0], bytes(output))) == (1, b"x", b"x")
    assert plugin.call("nothing") == b""


def test_sources(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "plug-in.wat"
    file.write_text(WAT)
    manifest = {"wasm": [{"path": str(file)}], "config": {"k": "from the manifest"}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    digest = hashlib.sha256(WAT.encode()).hexdigest()
    sources: list[plugwright._source.Source] = [
        WAT,
        WAT.encode(),
        bytearray(WAT.encode()),
        memoryview(WAT.encode()),
        file,
        str(file),
        manifest,
        json.dumps(manifest),
        json.dumps(manifest).encode(),
        tmp_path / "manifest.json",
        {"wasm": [{"path": file}]},
        {"wasm": [{"data": WAT.encode()}]},
        {"wasm": [{"data": bytearray(WAT.encode()), "hash": digest}]},
        {"wasm": [{"data": base64.b64encode(WAT.encode()).decode()}]},
    ]
    for source in sources:
        assert Plugin(source).call("echo", "here") == b"here", source
    assert Plugin(manifest).call("config", "k") == b"from the manifest"
    assert Plugin(str(file)).name == "plug-in"


def test_a_url() -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(WAT.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/p.wat"
        assert Plugin(url).call("echo", "x") == b"x"
        assert Plugin({"wasm": [{"url": url}]}).call("echo", "x") == b"x"
        server.shutdown()


def test_what_is_no_source() -> None:
    with pytest.raises(PluginError, match=r"cannot read `no-such-file.wasm`") as missing:
        Plugin("no-such-file.wasm")
    assert missing.value.kind is ErrorKind.LOAD
    for source, kind in [
        ({"wasm": []}, ErrorKind.INVALID_MANIFEST),
        ({"wasm": [{"data": WAT.encode()}], "unknown": 1}, ErrorKind.INVALID_MANIFEST),
        ({"wasm": [{"data": WAT.encode(), "hash": "00" * 32}]}, ErrorKind.HASH_MISMATCH),
        (b"\0asm????", ErrorKind.COMPILE),
        ('(module (import "x" "y" (func)))', ErrorKind.LINK),
    ]:
        with pytest.raises(PluginError) as error:
            Plugin(source)
        assert error.value.kind is kind
    with pytest.raises(TypeError, match="a plug-in takes str, bytes or a buffer, not int"):
        Plugin(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a manifest holds no object"):
        Plugin({"wasm": [{"data": object()}]})


def test_what_is_no_input() -> None:
    plugin = Plugin(WAT)
    for data in (None, 5, ["x"]):
        with pytest.raises(TypeError, match="str, bytes or a buffer"):
            plugin.call("echo", data)  # type: ignore[call-overload]
    with pytest.raises(UnicodeEncodeError):
        plugin.call("echo", "\ud800")
    assert plugin.call("echo", "still there") == b"still there"


def test_variables_stay_and_instances_differ() -> None:
    compiled = CompiledPlugin(WAT)
    one, other = Plugin(compiled), Plugin(compiled)
    one.call("remember", "1")
    other.call("remember", "2")
    assert (one.call("recall"), other.call("recall")) == (b"1", b"2")
    assert one.id != other.id
    assert isinstance(one.id, uuid.UUID)
    one.restart()
    assert one.call("recall") == b"1"
    assert one.compiled_plugin is compiled


def test_config() -> None:
    plugin = Plugin({"wasm": [{"data": WAT.encode()}], "config": {"a": "1", "b": "2"}}, config={"b": "3", "c": "4"})
    assert [plugin.call("config", key) for key in "abc"] == [b"1", b"3", b"4"]
    plugin.update_config({"a": None, "d": "5"})
    assert [plugin.call("config", key) for key in "abcd"] == [b"", b"3", b"4", b"5"]
    with pytest.raises(TypeError):
        plugin.update_config({"a": 1})  # type: ignore[dict-item]


def test_functions_are_listed() -> None:
    plugin = Plugin(WAT)
    assert plugin.function_exists("echo")
    assert not plugin.function_exists("no such")
    assert plugwright.Export("code", "() -> i32", True) in plugin.exports()
    assert plugin.compiled_plugin.function_exists("echo")


def test_limits_without_a_manifest() -> None:
    cases: list[tuple[plugwright.Options, str, ErrorKind]] = [
        ({"timeout": 0.05}, "spin", ErrorKind.TIMEOUT),
        ({"timeout": timedelta(milliseconds=50)}, "spin", ErrorKind.TIMEOUT),
        ({"fuel_limit": 10_000}, "spin", ErrorKind.OUT_OF_FUEL),
        ({"max_var_bytes": 10}, "remember", ErrorKind.LIMIT),
        ({"max_output_bytes": 10}, "echo", ErrorKind.LIMIT),
        ({"memory_max_pages": 2}, "echo", ErrorKind.OUT_OF_MEMORY),
    ]
    for options, function, kind in cases:
        plugin = Plugin(WAT, **options)
        with pytest.raises(PluginError) as error:
            plugin.call(function, bytes(100_000))
        assert error.value.kind is kind, options
        assert plugin.call("echo", "small") == b"small"


def test_fuel_is_counted() -> None:
    plugin = Plugin(WAT, fuel_limit=1_000_000)
    assert plugin.fuel_consumed is None
    plugin.call("echo", "x")
    assert plugin.fuel_consumed
    assert Plugin(WAT).fuel_consumed is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"no_such": 1}, "the option `no_such`: there is no such option"),
        ({"timeout": -1}, "the option `timeout`: "),
        ({"timeout": "soon"}, "the option `timeout`: "),
        ({"timeout": float("nan")}, "the option `timeout`: "),
        ({"log_level": "loud"}, "`log_level`: `loud` is not a log level; use trace, debug, info, warn, error or off"),
        ({"stdout": "elsewhere"}, "the option `stdout`: "),
        ({"allowed_hosts": [1]}, "the option `allowed_hosts`: "),
        ({"env": {"A": 1}}, "the option `env`: "),
    ],
)
def test_options_that_are_none(options: plugwright.Options, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        Plugin(WAT, **options)


def test_options_belong_to_compiling() -> None:
    compiled = CompiledPlugin(WAT, functions=[])
    with pytest.raises(TypeError, match="give the options timeout to CompiledPlugin"):
        Plugin(compiled, timeout=1)

    @host_fn("f")
    def f(value: str) -> str:
        return value

    with pytest.raises(TypeError, match="give the options wasi, functions to CompiledPlugin"):
        Plugin(compiled, wasi=True, functions=[f])
    with pytest.raises(TypeError, match="give the options fuel_limit, functions to CompiledPlugin"):
        Pool(compiled, 1, functions=[f], fuel_limit=1)
    same = CompiledPlugin(PIPE, wasi=True, functions=[f])
    assert Plugin(same, wasi=True, functions=(f,)).call("run", "x") == b"x"


def test_a_timeout_that_never_ends() -> None:
    left: list[Optional[float]] = []

    @host_fn("f")
    def f(plugin: CurrentPlugin, value: str) -> str:
        left.append(plugin.time_left())
        return value

    manifest = {"wasm": [{"data": PIPE.encode()}], "timeout_ms": 60_000}
    for options, expected in [({}, float), ({"timeout": math.inf}, type(None))]:
        Plugin(manifest, functions=[f], **options).call("run", "x")  # type: ignore[arg-type]
        assert type(left.pop()) is expected
    with Pool(WAT, max=1) as pool, pool.acquire(timeout=math.inf) as plugin:
        assert plugin.call("echo", "x") == b"x"


def test_compiled_code_to_bytes_and_back(tmp_path: pathlib.Path) -> None:
    compiled = CompiledPlugin(WAT, name="kept", cache=tmp_path)
    again = CompiledPlugin.from_trusted_bytes(compiled.to_bytes(), timeout=0.05)
    assert again.name == "kept"
    plugin = Plugin(again)
    assert plugin.call("echo", "x") == b"x"
    with pytest.raises(PluginError) as error:
        plugin.call("spin")
    assert error.value.kind is ErrorKind.TIMEOUT
    with pytest.raises(PluginError) as error:
        CompiledPlugin.from_trusted_bytes(b"something else")
    assert error.value.kind is ErrorKind.INCOMPATIBLE


def test_wasi_output_is_captured() -> None:
    wat = """(module
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "\\08\\00\\00\\00\\03\\00\\00\\00out")
      (func $say (param i32) (drop (call $write (local.get 0) (i32.const 0) (i32.const 1) (i32.const 20))))
      (func (export "run") (call $say (i32.const 1)) (call $say (i32.const 2)))
      (func (export "leave") (call $exit (i32.const 5))))"""
    plugin = Plugin(wat, wasi=True, stdout="capture", stderr="capture")
    plugin.call("run")
    assert (plugin.take_stdout(), plugin.take_stderr()) == (b"out", b"out")
    assert plugin.take_stdout() == b""
    with pytest.raises(PluginError) as error:
        plugin.call("leave")
    assert (error.value.kind, error.value.code) == (ErrorKind.EXIT, 5)
    with pytest.raises(PluginError, match="WASI"):
        Plugin(wat)


def test_a_closed_plug_in() -> None:
    with Plugin(WAT) as plugin:
        plugin.call("echo", "x")
    plugin.close()
    for use in (lambda: plugin.call("echo"), plugin.reset, plugin.take_stdout, lambda: plugin.function_exists("x")):
        with pytest.raises(PluginError) as error:
            use()
        assert error.value.kind is ErrorKind.CLOSED
    assert plugin.name == "main"


def test_plug_ins_are_freed() -> None:
    plugin = Plugin(WAT)
    gone = weakref.ref(plugin)
    plugin.call("echo", "x")
    del plugin
    gc.collect()
    assert gone() is None


def test_many_plug_ins_live_at_once() -> None:
    compiled = CompiledPlugin(WAT)
    plugins = [Plugin(compiled) for _ in range(1000)]
    assert {plugin.call("echo", str(index)) for index, plugin in enumerate(plugins)} == {
        str(index).encode() for index in range(1000)
    }
