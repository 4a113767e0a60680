"""What a plug-in can be made from."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from conformance_runner.server import WASM, Server

from .conftest import GUESTS


def test_bytes(extism: Any) -> None:
    with extism.Plugin(WASM) as plugin:
        assert plugin.function_exists("run")
        assert not plugin.function_exists("walk")
        assert plugin.call("run", b"") == b""


def test_text_of_webassembly(extism: Any) -> None:
    assert extism.Plugin((GUESTS / "wat" / "echo.wat").read_bytes()).call("echo", "text") == b"text"


def test_a_path_in_place_of_bytes(extism: Any) -> None:
    assert extism.Plugin(str(GUESTS / "wat" / "echo.wat")).call("echo", b"file") == b"file"


@pytest.mark.parametrize("form", [lambda manifest: manifest, json.dumps], ids=["dict", "str"])
def test_manifest_with_a_path(extism: Any, form: Any) -> None:
    manifest = {"wasm": [{"path": str(GUESTS / "wat" / "echo.wat")}]}
    assert extism.Plugin(form(manifest)).call("echo", b"path") == b"path"


def test_manifest_with_bytes_and_their_hash(extism: Any) -> None:
    part = {"data": WASM, "hash": hashlib.sha256(WASM).hexdigest()}
    assert extism.Plugin({"wasm": [part]}).call("run", b"") == b""
    with pytest.raises(extism.Error, match=r"(?i)hash"):
        extism.Plugin({"wasm": [{**part, "hash": "0" * 64}]})


def test_manifest_with_a_pointer(extism: Any) -> None:
    ffi = extism.extism._ffi
    memory = ffi.from_buffer(WASM)
    data = {"ptr": int(ffi.cast("uintptr_t", memory)), "len": len(WASM)}
    plugin = extism.Plugin({"wasm": [{"data": data}]})
    # The bytes were copied.
    ffi.release(memory)
    assert plugin.call("run", b"") == b""


def test_manifest_with_a_url(extism: Any, server: Server) -> None:
    assert extism.Plugin({"wasm": [{"url": f"{server.url}/wasm"}]}).call("run", b"") == b""
    with pytest.raises(extism.Error):
        extism.Plugin({"wasm": [{"url": f"{server.url}/close"}]})


def test_two_modules(extism: Any) -> None:
    parts = [
        {"path": str(GUESTS / "wat" / "linked_library.wat"), "name": "library"},
        {"path": str(GUESTS / "wat" / "linked_main.wat"), "name": "main"},
    ]
    assert extism.Plugin({"wasm": parts}).call("shout", "hello") == b"HELLO"


def test_compiled_once_for_many(extism: Any) -> None:
    compiled = extism.extism.CompiledPlugin(WASM)
    plugins = [extism.Plugin(compiled) for _ in range(10)]
    assert len({plugin.id for plugin in plugins}) == 10
    # Plug-ins outlive what they were made from.
    del compiled
    assert [plugin.call("run", b"") for plugin in plugins] == [b""] * 10


@pytest.mark.parametrize("source", [b"", b"\0", b"hello", b"{}", b"\0asm\1\0\0\0\xff", {"wasm": []}])
def test_what_is_no_plugin_is_an_error(extism: Any, source: Any) -> None:
    with pytest.raises(extism.Error, match=r"."):
        extism.Plugin(source)


def test_a_missing_file_is_an_error(extism: Any, tmp_path: Path) -> None:
    with pytest.raises(extism.Error, match=r"."):
        extism.Plugin({"wasm": [{"path": str(tmp_path / "none.wasm")}]})
