"""The web server that cases talk to: fixed paths, on the loopback interface."""

from __future__ import annotations

import json
import socketserver
import threading
from dataclasses import dataclass
from io import BufferedIOBase
from types import TracebackType

HELLO = b"Hello from the conformance server"

# A function `run` that returns 0.
WASM = bytes.fromhex("0061736d010000000105016000017f030201000707010372756e00000a0601040041000b")

PIECE = b"x" * 4096


@dataclass(frozen=True)
class Request:
    """A request, as far as the server looks at it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    def argument(self, name: str) -> str:
        """All that follows ``name=`` in the query, as it stands."""
        return self.query[len(name) + 1 :] if self.query.startswith(f"{name}=") else ""

    def number(self, name: str) -> int:
        """The same as a number, 0 when it is none."""
        text = self.argument(name)
        return int(text) if text.isdecimal() else 0


class Server:
    """A running server; leaving the context stops it, and ends answers that are slow or endless."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._server = _Listener(("127.0.0.1", 0), _Handler)
        self._server.stopped = self._stopped
        self._thread = threading.Thread(target=self._server.serve_forever, name="conformance-server")

    @property
    def url(self) -> str:
        """The server's base URL, by number."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def other_url(self) -> str:
        """The same server under another host name."""
        return f"http://localhost:{self._server.server_address[1]}"

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._thread.join()
        # Waits for the connections' threads.
        self._server.server_close()


class _Listener(socketserver.ThreadingTCPServer):
    request_queue_size = 64
    stopped: threading.Event


class _Handler(socketserver.StreamRequestHandler):
    """Serves one request of a connection."""

    def handle(self) -> None:
        assert isinstance(self.server, _Listener)
        try:
            _answer(_read(self.rfile), self.wfile, self.server.stopped)
        except ConnectionError:
            # A client that goes away in the middle is the client's business.
            return


def _read(stream: BufferedIOBase) -> Request:
    words = [*stream.readline().decode("latin-1").split(), "", ""]
    path, _, query = words[1].partition("?")
    headers: dict[str, str] = {}
    while True:
        name, colon, value = stream.readline().decode("latin-1").partition(":")
        if not colon:
            break
        headers[name.lower()] = value.strip()
    length = headers.get("content-length", "0")
    return Request(words[0], path, query, headers, stream.read(int(length) if length.isdecimal() else 0))


def _answer(request: Request, out: BufferedIOBase, stopped: threading.Event) -> None:
    path = request.path
    if path == "/hello":
        _text(out, "200 OK", HELLO)
    elif path == "/echo":
        seen = {
            "body": request.body.decode(errors="replace"),
            "headers": request.headers,
            "method": request.method,
            "path": path,
        }
        body = json.dumps(seen, separators=(",", ":"), ensure_ascii=False).encode()
        _respond(out, "200 OK", "content-type: application/json\r\n", body)
    elif path == "/status":
        code = request.number("code")
        _text(out, f"{code} Status", f"status {code}".encode())
    elif path in ("/redirect", "/loop"):
        to = path if path == "/loop" else request.argument("to")
        _respond(out, "302 Found", f"location: {to}\r\n", b"")
    elif path == "/big":
        length = request.number("bytes")
        _head(out, "200 OK", f"content-length: {length}\r\n")
        for start in range(0, length, len(PIECE)):
            out.write(PIECE[: length - start])
    elif path == "/endless":
        _head(out, "200 OK", "")
        while not stopped.is_set():
            out.write(PIECE)
    elif path == "/slow":
        stopped.wait(request.number("ms") / 1000)
        _text(out, "200 OK", b"slow")
    elif path == "/wasm":
        _respond(out, "200 OK", "content-type: application/wasm\r\n", WASM)
    elif path != "/close":
        _text(out, "404 Not Found", b"no such path")


def _text(out: BufferedIOBase, status: str, body: bytes) -> None:
    _respond(out, status, "content-type: text/plain\r\n", body)


def _respond(out: BufferedIOBase, status: str, headers: str, body: bytes) -> None:
    _head(out, status, f"{headers}content-length: {len(body)}\r\n")
    out.write(body)


def _head(out: BufferedIOBase, status: str, headers: str) -> None:
    head = f"HTTP/1.1 {status}\r\n{headers}x-conformance: yes\r\nconnection: close\r\n\r\n"
    out.write(head.encode("latin-1"))
