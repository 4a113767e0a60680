"""Logging: for a plug-in, and for the process."""

from __future__ import annotations

import asyncio
import pathlib
import struct
import subprocess
import sys
import textwrap

import pytest
from guests import guest
from plugwright import ErrorKind, LogRecord, Plugin, PluginError, set_log_custom


def test_a_callback_of_a_plug_in() -> None:
    records: list[LogRecord] = []
    plugin = Plugin(guest(), name="named", on_log=records.append)
    plugin.call("log", "hällo")
    plugin.call("log_debug", "finer")
    assert [record[:3] for record in records] == [("info", "hällo", "named"), ("debug", "finer", "named")]
    assert records[0].id == plugin.id
    other = Plugin(guest(), on_log=records.append, log_level="info")
    other.call("log_debug", "dropped")
    assert len(records) == 2
    assert other.call("log_level") == struct.pack("<q", 2)


def test_what_a_callback_raises_is_reported_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    reported = []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: reported.append(report.exc_value))

    def fail(record: LogRecord) -> None:
        raise ValueError(record.message)

    assert Plugin(guest(), on_log=fail).call("log", "text") == b""
    assert [str(error) for error in reported] == ["text"]


def test_a_callback_does_not_wait_for_the_call_that_it_is_in() -> None:
    kinds = []

    def on_log(record: LogRecord) -> None:
        with pytest.raises(PluginError) as error:
            plugin.call("nothing")
        kinds.append(error.value.kind)

    plugin = Plugin(guest(), on_log=on_log)
    plugin.call("log", "text")
    asyncio.run(plugin.call_async("log", "text"))
    assert kinds == [ErrorKind.BUSY] * 2


def in_a_process(program: str, *arguments: object) -> str:
    """Runs a program, since there is one sink in a process."""
    header = "import sys\nfrom guests import guest\nimport plugwright\nfrom plugwright import *\n"
    source = header + textwrap.dedent(program)
    command = [sys.executable, "-c", source, *map(str, arguments)]
    ran = subprocess.run(command, cwd=pathlib.Path(__file__).parent, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_a_file(tmp_path: pathlib.Path) -> None:
    log = tmp_path / "log"
    in_a_process(
        """
        plugin = Plugin(guest(), name="named")
        plugin.call("log", "before")
        set_log_file(sys.argv[1], "info")
        plugin.call("log", "one")
        plugin.call("log_debug", "too fine")
        set_log_file(sys.argv[1], "debug")
        plugin.call("log_debug", "two")
        set_log_file(sys.argv[1])
        plugin.call("log", "less than an error")
        """,
        log,
    )
    one, two = log.read_text().splitlines()
    assert '  INFO plugwright::guest: one plugin="named" plugin_id=' in one
    assert " DEBUG plugwright::guest: two " in two


def test_a_buffer() -> None:
    out = in_a_process(
        """
        lines = []
        logger = set_log_custom(lines.append, "info")
        plugin = Plugin(guest(), functions=[])
        plugin.call("log", "one")
        assert lines == []
        logger.drain()
        assert len(lines) == 1 and "INFO plugwright::guest: one" in lines[0] and lines[0].endswith("\\n")
        plugin.call("log", "two")
        logger.drain()
        logger.drain()
        assert len(lines) == 2
        Plugin(guest(), on_log=lambda record: None).call("log", "not here")
        logger.drain()
        assert len(lines) == 2
        plugin.call("log", "three")
        del logger
        print(lines[2], end="")
        """
    )
    assert "INFO plugwright::guest: three" in out


def test_levels_reach_the_guest() -> None:
    out = in_a_process(
        """
        import struct
        plugin = Plugin(guest())
        levels = []
        for level in (None, "trace", "debug", "warn", "error", "off"):
            if level:
                set_log_file("stderr", level)
            levels.append(struct.unpack("<q", plugin.call("log_level"))[0])
        print(levels)
        """
    )
    assert out == f"{[2**31 - 1, 0, 1, 3, 4, 2**31 - 1]}\n"


def test_a_level_that_is_none() -> None:
    with pytest.raises(ValueError, match="'loud' is not a log level"):
        set_log_custom(print, "loud")
