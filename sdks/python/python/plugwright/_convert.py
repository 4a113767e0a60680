"""From annotations to conversions: what crosses as which number."""

from __future__ import annotations

import functools
import json
import pickle
import sys
import typing
from typing import Any, Callable, Union

from . import _native
from ._codecs import Codec, Json, Pickle
from ._values import ValType

#: From a number that a plug-in passed to an argument.
Decoder = Callable[[_native.CurrentPlugin, Any], Any]
#: From what a host function returned to a number.
Encoder = Callable[[_native.CurrentPlugin, Any], Union[int, float]]

_UNIONS: tuple[Any, ...] = (Union,)
if sys.version_info >= (3, 10):
    import types

    _UNIONS = (Union, types.UnionType)


def parameter(name: str, annotation: Any) -> tuple[ValType, Decoder]:
    """The type of a parameter, and how it is decoded.

    :raises TypeError: when the annotation is not one that is known
    """
    if annotation is int:
        return ValType.I64, lambda _, number: number
    if annotation is float:
        return ValType.F64, lambda _, number: number
    if annotation is bool:
        return ValType.I32, lambda _, number: bool(number)
    if annotation is str:
        return ValType.I64, lambda plugin, offset: plugin.read_text(offset)
    if annotation is bytes:
        return ValType.I64, lambda plugin, offset: plugin.read(offset)
    if (inner := _optional(annotation)) is not None:
        value_type, decode = parameter(name, inner)
        if inner not in (int, float, bool):
            return value_type, lambda plugin, offset: decode(plugin, offset) if offset else None
    for mark in getattr(annotation, "__metadata__", ()):
        if mark is Json or isinstance(mark, Json):
            return ValType.I64, lambda plugin, offset: json.loads(plugin.read_text(offset))
        if mark is Pickle or isinstance(mark, Pickle):
            return ValType.I64, lambda plugin, offset: pickle.loads(plugin.read(offset))
        if isinstance(mark, Codec):
            return ValType.I64, functools.partial(_decode_by, mark.codec)
    raise TypeError(f"Could not infer input type for argument {name}")


def results(annotation: Any) -> list[tuple[ValType, Encoder]]:
    """The types of the results, and how they are encoded.

    :raises TypeError: when the annotation is not one that is known
    """
    if typing.get_origin(annotation) is tuple:
        return [result for inner in typing.get_args(annotation) for result in results(inner)]
    return [_result(annotation)]


def _result(annotation: Any) -> tuple[ValType, Encoder]:
    if annotation is int:
        return ValType.I64, _encode_int
    if annotation is float:
        return ValType.F64, lambda _, value: float(value)
    if annotation is bool:
        return ValType.I32, lambda _, value: int(bool(value))
    if annotation in (str, bytes):
        return ValType.I64, _encode_bytes
    if (inner := _optional(annotation)) is not None:
        value_type, encode = _result(inner)
        if inner not in (float, bool):
            return value_type, lambda plugin, value: 0 if value is None else encode(plugin, value)
    for mark in getattr(annotation, "__metadata__", ()):
        if mark is Json or isinstance(mark, Json):
            return ValType.I64, lambda plugin, value: plugin.write(json.dumps(value))
        if mark is Pickle or isinstance(mark, Pickle):
            return ValType.I64, lambda plugin, value: plugin.write(pickle.dumps(value))
        if isinstance(mark, Codec):
            return ValType.I64, functools.partial(_encode_by, mark.codec)
    raise TypeError("Could not infer return type")


def _decode_by(codec: Callable[[bytes], Any], plugin: _native.CurrentPlugin, offset: int) -> Any:
    return codec(plugin.read(offset))


def _encode_by(codec: Callable[[Any], Any], plugin: _native.CurrentPlugin, value: Any) -> int:
    return _encode_bytes(plugin, codec(value))


def _encode_bytes(plugin: _native.CurrentPlugin, value: Any) -> int:
    return 0 if value is None else plugin.write(value)


def _encode_int(plugin: _native.CurrentPlugin, value: int) -> int:
    return plugin.write(value.to_bytes(8, "little", signed=value < 0))


def _optional(annotation: Any) -> Any:
    """``T`` for ``Optional[T]``, else ``None``."""
    if typing.get_origin(annotation) not in _UNIONS:
        return None
    inner = [argument for argument in typing.get_args(annotation) if argument is not type(None)]
    return inner[0] if len(inner) == 1 else None
