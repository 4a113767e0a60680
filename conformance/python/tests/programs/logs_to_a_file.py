"""Logs to a file, in a process of its own: logging is set up once in a process."""

import importlib
import sys
from pathlib import Path

from conformance_runner import library

library.use(Path(sys.argv[1]))
extism = importlib.import_module("extism")
extism.set_log_file(sys.argv[2], "warn")
extism.Plugin(sys.argv[3]).call("log_all", b"")
