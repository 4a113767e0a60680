"""Logs to a function, which gets nothing before it is asked for."""

import importlib
import sys
from pathlib import Path

from conformance_runner import library
from conformance_runner.logs import guest_line

library.use(Path(sys.argv[1]))
extism = importlib.import_module("extism")
lines: list[str] = []
logger = extism.set_log_custom(lines.append, "info")
plugin = extism.Plugin(sys.argv[2])
for _ in range(2):
    plugin.call("log_all", b"")
    print("before", len(lines))
    logger.drain()
    print(*filter(None, map(guest_line, lines)), sep="\n")
    print(all(str(plugin.id) in line for line in lines if guest_line(line)))
    lines.clear()
