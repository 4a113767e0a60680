"""The runner's web server."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

from conformance_runner.server import HELLO, WASM, Server


def exchange(server: Server, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0)) as connection:
        connection.sendall(request)
        parts = iter(lambda: connection.recv(65536), b"")
        return b"".join(parts)


def get(server: Server, target: str) -> bytes:
    return exchange(server, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


def test_each_path_does_what_it_says(server: Server) -> None:
    hello = get(server, "/hello")
    assert hello.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nx-conformance: yes\r\n" in hello
    assert b"\r\ncontent-type: text/plain\r\n" in hello
    assert hello.endswith(b"\r\n\r\n" + HELLO)
    assert get(server, "/status?code=418").startswith(b"HTTP/1.1 418 ")
    assert get(server, "/status?code=418").endswith(b"status 418")
    assert b"\r\nlocation: http://x/?to=a&b\r\n" in get(server, "/redirect?to=http://x/?to=a&b")
    assert b"\r\nlocation: /loop\r\n" in get(server, "/loop")
    assert get(server, "/big?bytes=10000").endswith(b"\r\n\r\n" + b"x" * 10_000)
    assert get(server, "/slow?ms=1").endswith(b"slow")
    assert get(server, "/wasm").endswith(WASM)
    assert get(server, "/nowhere").startswith(b"HTTP/1.1 404 ")
    assert get(server, "/close") == b""


def test_echo_tells_what_it_saw(server: Server) -> None:
    response = exchange(server, b"PUT /echo?q HTTP/1.1\r\nX-A: b\r\nContent-Length: 4\r\n\r\nbody")
    body = response.partition(b"\r\n\r\n")[2]
    assert json.loads(body) == {
        "body": "body",
        "headers": {"x-a": "b", "content-length": "4"},
        "method": "PUT",
        "path": "/echo",
    }
    assert b" " not in body


def test_stopping_ends_slow_and_endless_answers() -> None:
    with Server() as server:
        port = urlsplit(server.url).port or 0
        slow = socket.create_connection(("127.0.0.1", port))
        endless = socket.create_connection(("127.0.0.1", port))
        slow.sendall(b"GET /slow?ms=3600000 HTTP/1.1\r\n\r\n")
        endless.sendall(b"GET /endless HTTP/1.1\r\n\r\n")
        assert endless.recv(5) == b"HTTP/"
        # Connections are accepted in order: this answer means that the others have begun.
        assert get(server, "/hello").endswith(HELLO)
        endless.close()
    with slow:
        assert b"".join(iter(lambda: slow.recv(65536), b"")).endswith(b"slow")
