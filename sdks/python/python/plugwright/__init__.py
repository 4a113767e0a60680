"""Run WebAssembly plug-ins written in any language, fast and safely.

>>> import plugwright
>>> wat = '''(module
...   (import "extism:host/env" "input_offset" (func $offset (result i64)))
...   (import "extism:host/env" "input_length" (func $length (result i64)))
...   (import "extism:host/env" "output_set" (func $output (param i64 i64)))
...   (func (export "echo") (call $output (call $offset) (call $length))))'''
>>> with plugwright.Plugin(wat) as plugin:
...     plugin.call("echo", "hello")
b'hello'

The names of the public Python SDK of the Extism contract are all here, so that ``import plugwright as extism`` runs a
program that was written for it.
"""

from . import extism
from ._codecs import Codec, Json, Pickle
from ._current_plugin import CurrentPlugin
from ._errors import Error, ErrorKind, Frame, PluginError
from ._host_function import Function, host_fn
from ._log import CustomLogger, LogRecord, set_log_custom, set_log_file
from ._native import Block as MemoryBlock
from ._native import CancelHandle, __version__
from ._options import Options
from ._output import Output
from ._plugin import CompiledPlugin, Export, Plugin
from ._pool import Pool
from ._remote import Nats, RemotePlugin
from ._values import Memory, Val, ValType
from ._version import extism_version

__all__ = [
    "CancelHandle",
    "Codec",
    "CompiledPlugin",
    "CurrentPlugin",
    "CustomLogger",
    "Error",
    "ErrorKind",
    "Export",
    "Frame",
    "Function",
    "Json",
    "LogRecord",
    "Memory",
    "MemoryBlock",
    "Nats",
    "Options",
    "Output",
    "Pickle",
    "Plugin",
    "PluginError",
    "Pool",
    "RemotePlugin",
    "Val",
    "ValType",
    "__version__",
    "extism",
    "extism_version",
    "host_fn",
    "set_log_custom",
    "set_log_file",
]
