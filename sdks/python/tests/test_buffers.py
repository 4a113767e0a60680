"""Memory that crosses without a copy, and never dangles."""

from __future__ import annotations

import array
import gc
import io
import mmap

import pytest
from guests import guest
from plugwright import Output, Plugin, PluginError, Pool

DATA = bytes(range(256)) * 100


@pytest.fixture
def plugin() -> Plugin:
    return Plugin(guest())


def test_any_contiguous_memory_is_input(plugin: Plugin) -> None:
    with mmap.mmap(-1, 4096) as mapped:
        mapped[:3] = b"abc"
        assert plugin.call("echo", mapped)[:3] == b"abc"
    for data in (bytearray(DATA), memoryview(DATA), memoryview(bytearray(DATA))[100:200]):
        assert plugin.call("echo", data) == bytes(data)
    numbers = array.array("d", [1.5, 2.5])
    assert plugin.call("echo", numbers) == numbers.tobytes()
    assert plugin.call("echo", memoryview(numbers)) == numbers.tobytes()
    grid = memoryview(bytes(12)).cast("B", (3, 4))
    assert plugin.call("echo", grid) == bytes(12)


def test_memory_with_gaps_is_refused(plugin: Plugin) -> None:
    with pytest.raises(TypeError):
        plugin.call("echo", memoryview(DATA)[::2])


def test_an_input_is_released(plugin: Plugin) -> None:
    data = bytearray(b"abc")
    plugin.call("echo", data)
    with pytest.raises(PluginError):
        plugin.call("trap", data)
    data.append(0)
    assert data == b"abc\0"


def test_a_view_is_the_output(plugin: Plugin) -> None:
    view = plugin.call_view("echo", DATA)
    assert view.readonly
    assert view == DATA
    assert view[1:3].tobytes() == DATA[1:3]
    view.release()
    assert plugin.call("echo", "next") == b"next"


def test_a_view_keeps_the_plug_in_from_changing(plugin: Plugin) -> None:
    view = plugin.call_view("echo", DATA)
    part = view[10:20]
    for use in (
        lambda: plugin.call("echo", "x"),
        lambda: plugin.call_view("echo", "x"),
        plugin.reset,
        plugin.restart,
        plugin.close,
    ):
        with pytest.raises(BufferError, match="views of the plug-in's last output are in use"):
            use()
    # What cannot touch the output is not refused.
    plugin.update_config({"a": "b"})
    assert plugin.function_exists("echo")
    view.release()
    with pytest.raises(BufferError):
        plugin.call("echo", "x")
    assert part.tobytes() == DATA[10:20]
    part.release()
    assert plugin.call("echo", "x") == b"x"


def test_a_view_outlives_the_plug_in_object(plugin: Plugin) -> None:
    view = plugin.call_view("echo", DATA)
    del plugin
    gc.collect()
    assert view == DATA


def test_a_view_outlives_a_place_in_a_pool() -> None:
    with Pool(guest(), max=1) as pool:
        plugin = pool.acquire()
        view = plugin.call_view("echo", DATA)
        with pytest.raises(BufferError):
            plugin.close()
        del plugin
        gc.collect()
        assert pool.available == 0
        assert view == DATA
        view.release()
        gc.collect()
        assert pool.available == 1


def test_what_parse_gets(plugin: Plugin) -> None:
    output = plugin.call("echo", "abc", parse=None)
    assert isinstance(output, Output)
    plugin.call("echo", "other")
    assert (len(output), output[:], output[1], output[-1], output[::2]) == (3, b"abc", b"b", b"c", b"ac")
    assert output == b"abc"
    assert list(output) == [b"a", b"b", b"c"]
    assert type(bytes(output)) is type(output[:]) is bytes
    assert memoryview(output)[0] == ord("a")
    with pytest.raises(IndexError):
        output[3]


def test_a_view_cannot_be_written_to(plugin: Plugin) -> None:
    with plugin.call_view("echo", "abc") as view:
        with pytest.raises(TypeError):
            view[0] = 1
        with pytest.raises((TypeError, BufferError)):
            io.BytesIO(b"xyz").readinto(view.obj)  # type: ignore[arg-type]
    assert plugin.call("echo", "x") == b"x"


def test_an_output_of_nothing(plugin: Plugin) -> None:
    with plugin.call_view("nothing") as view:
        assert len(view) == 0
    assert plugin.call("nothing", parse=bytes) == b""
