"""The Python module under test, as far as it differs from others with the same surface."""

from __future__ import annotations

import importlib
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from . import kinds, library
from .case import Options
from .expect import Failure

# How the public package names a return code that no message goes with.
BARE_CODE = re.compile(r"Error code: -?\d+")

CALLBACK = "void(ExtismCurrentPlugin*, const ExtismVal*, ExtismSize, ExtismVal*, ExtismSize, void*)"


class Ability(Enum):
    """What a module may do beyond the public package; the value says what is missing without it."""

    HOST_ERRORS = "an exception in a host function is printed, and the call goes on"
    ERRORS_AS_VALUES = "the errors of host functions are no values for guests"
    ASYNC_HOST_FUNCTIONS = "a host function that waits cannot be interrupted"
    CHECKED_OFFSETS = "a host function reads a block that does not exist as an empty one"
    WASI_WORLD = "no environment, arguments and standard streams for WASI"
    OTHER_LIMITS = "no limits of log and output bytes"


class Surface(ABC):
    """A module, and what it does in its own way."""

    abilities: frozenset[Ability] = frozenset()

    def __init__(self, module: Any) -> None:
        self.module = module

    def plugin(self, compiled: Any, _options: Options) -> Any:
        """A plug-in from compiled code. Raises the module's `Error`."""
        return self.module.Plugin(compiled)

    @abstractmethod
    def compile(self, source: bytes, functions: Sequence[Any], options: Options) -> Any:
        """A compiled plug-in, with the options that a manifest cannot express. Raises the module's `Error`."""

    @abstractmethod
    def number_function(self, named: dict[str, Any], types: Sequence[Any], function: Callable[..., float]) -> Any:
        """A host function with parameters of these types, and a result of type `F64`."""

    def streams(self, _plugin: Any) -> tuple[bytes | None, bytes | None]:
        """What a plug-in has written to standard output and error since the last time, where that can be known."""
        return None, None

    @abstractmethod
    def failure(self, error: Exception, plugin: Any) -> Failure:
        """What the module's error says; the plug-in is `None` for a failure to load."""


class Extism(Surface):
    """The public package, on its own library or on another."""

    def __init__(self, module: Any, path: Path) -> None:
        super().__init__(module)
        self._kind = kinds.reader(path)

        class PluginWithCode(module.Plugin):  # type: ignore[misc]
            """Keeps the return code of its last call, which the package drops when there is a message."""

            def _check_error(self, code: int) -> None:
                self.code = code
                super()._check_error(code)

        self._plugin_class = PluginWithCode

    def plugin(self, compiled: Any, options: Options) -> Any:
        """A plug-in that keeps its return code. Response headers have a function in the bindings, and no method."""
        plugin = self._plugin_class(compiled)
        if options.http_response_headers:
            self.module.extism._lib.extism_plugin_allow_http_response_headers(plugin.plugin)
        return plugin

    def compile(self, source: bytes, functions: Sequence[Any], options: Options) -> Any:
        """A compiled plug-in. Fuel has a function in the package's bindings, and no parameter in its classes."""
        if options.fuel is None:
            # The package does not export this class.
            return self.module.extism.CompiledPlugin(source, wasi=options.wasi, functions=list(functions))
        return _fuel_limited(self.module.extism, source, functions, wasi=options.wasi, fuel=options.fuel)

    def number_function(self, named: dict[str, Any], types: Sequence[Any], function: Callable[..., float]) -> Any:
        """Made from a callback of C: the package's decorator refuses results of this type."""
        extism = self.module.extism

        @extism._ffi.callback(CALLBACK)
        def callback(_plugin: Any, inputs: Any, count: int, outputs: Any, _results: int, _data: Any) -> None:
            arguments = [extism._convert_value(inputs[index]).value for index in range(count)]
            outputs[0].v.f64 = function(*arguments)

        result = self.module.ValType.F64
        return self.module.Function(named["namespace"], named["name"], types, [result], callback)

    def failure(self, error: Exception, plugin: Any) -> Failure:
        """The message; an error has nothing else. The code is the plug-in's, and the kind the library's."""
        kind = self._kind()
        code = plugin.code if plugin is not None and kind in (None, "Guest", "Exit") else None
        return Failure("" if BARE_CODE.fullmatch(str(error)) else str(error), kind, code)


def _fuel_limited(extism: Any, source: bytes, functions: Sequence[Any], *, wasi: bool, fuel: int) -> Any:
    ffi, lib = extism._ffi, extism._lib

    class FuelLimited(extism.CompiledPlugin):  # type: ignore[misc]
        """Differs in the function that makes it."""

        def __init__(self) -> None:
            self.functions = functions
            lent = [extism._ExtismFunctionMetadata(function) for function in functions]
            pointers = ffi.new("ExtismFunction*[]", [function.pointer for function in lent])
            message = ffi.new("char**")
            self.pointer = lib.extism_compiled_plugin_new_with_fuel_limit(
                source, len(source), pointers, len(lent), wasi, fuel, message
            )
            if self.pointer == ffi.NULL:
                text = ffi.string(message[0]).decode()
                lib.extism_plugin_new_error_free(message[0])
                raise extism.Error(text)

    return FuelLimited()


class Plugwright(Surface):
    """Our own package, which can do everything."""

    abilities = frozenset(Ability)

    def compile(self, source: bytes, functions: Sequence[Any], options: Options) -> Any:
        """A compiled plug-in."""
        given = {
            "fuel_limit": options.fuel,
            "max_log_bytes": options.max_log_bytes,
            "max_output_bytes": options.max_output_bytes,
            "http_response_headers": options.http_response_headers,
            "env": options.env,
            "args": options.args,
            "stdin": options.stdin,
            "stdout": options.stdio,
            "stderr": options.stdio,
        }
        given = {name: value for name, value in given.items() if value is not None}
        return self.module.CompiledPlugin(source, wasi=options.wasi, functions=list(functions), **given)

    def streams(self, plugin: Any) -> tuple[bytes | None, bytes | None]:
        """What was captured."""
        return plugin.take_stdout(), plugin.take_stderr()

    def number_function(self, named: dict[str, Any], types: Sequence[Any], function: Callable[..., float]) -> Any:
        """Made by the decorator."""

        def host(_plugin: Any, params: list[Any], results: list[Any]) -> None:
            results[0].value = function(*(param.value for param in params))

        return self.module.host_fn(signature=(types, [self.module.ValType.F64]), **named)(host)

    def failure(self, error: Any, plugin: Any) -> Failure:  # noqa: ARG002
        """The message, kind and code."""
        return Failure(str(error), str(error.kind), error.code)


def open_surface(module: str, path: Path | None) -> Surface:
    """Imports the module under test; `path` is what the public package uses instead of its own library."""
    if module == "plugwright":
        if path is not None:
            raise ValueError("--library is for the public package: `plugwright` has its own")
        return Plugwright(importlib.import_module("plugwright"))
    if path is not None:
        library.use(path)
    return Extism(importlib.import_module("extism"), path or library.public())


def manifest_bytes(manifest: dict[str, Any]) -> bytes:
    """A manifest as both packages take it."""
    return json.dumps(manifest).encode()
