"""Names that the public Python SDK has in its module ``extism.extism`` alone, for programs that use them from there."""

from ._codecs import Codec, Json, Pickle
from ._current_plugin import CurrentPlugin
from ._errors import Error
from ._host_function import HOST_FN_REGISTRY, ExplicitFunction, Function, TypeInferredFunction, host_fn
from ._log import CustomLogger, set_log_custom, set_log_file
from ._native import CancelHandle
from ._plugin import CompiledPlugin, Plugin
from ._values import Memory, Val, ValType
from ._version import extism_version

__all__ = [
    "HOST_FN_REGISTRY",
    "CancelHandle",
    "Codec",
    "CompiledPlugin",
    "CurrentPlugin",
    "CustomLogger",
    "Error",
    "ExplicitFunction",
    "Function",
    "Json",
    "Memory",
    "Pickle",
    "Plugin",
    "TypeInferredFunction",
    "Val",
    "ValType",
    "extism_version",
    "host_fn",
    "set_log_custom",
    "set_log_file",
]
