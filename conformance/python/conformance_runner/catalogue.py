"""The catalogue of host functions, by the module's own decorator."""

# Without `from __future__ import annotations`: the decorator looks at the types themselves.

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .case import HostFunctionUse
from .surface import Ability, Surface


@dataclass
class Shared:
    """What host functions share with the runner."""

    values: dict[str, bytes] = field(default_factory=dict)
    # Cancels the plug-in that is being called.
    cancel: Callable[[], Any] | None = None


def function(surface: Surface, asked: HostFunctionUse, shared: Shared) -> Any:
    """A function as a case asks for it."""
    make = CATALOGUE[asked.name]
    return make(surface, shared, {"name": asked.name, "namespace": asked.module})


def _read(surface: Surface, shared: Shared, named: dict[str, Any]) -> Any:
    def read(key: str) -> bytes:
        return shared.values.get(key, b"")

    return surface.module.host_fn(**named)(read)


def _write(surface: Surface, shared: Shared, named: dict[str, Any]) -> Any:
    # The public package takes `-> None` for a result of a type that it does not know.
    def write(key: str, value: bytes):  # type: ignore[no-untyped-def]
        shared.values[key] = value

    return surface.module.host_fn(**named)(write)


def _add(surface: Surface, _: Shared, named: dict[str, Any]) -> Any:
    # Explicit, as an annotated `int` is returned as a block of eight bytes by the public package.
    def add(_plugin: Any, params: list[Any], results: list[Any]) -> None:
        total = params[0].value + params[1].value
        results[0].value = (total + 2**63) % 2**64 - 2**63

    i64 = surface.module.ValType.I64
    return surface.module.host_fn(signature=([i64, i64], [i64]), **named)(add)


def _mix(surface: Surface, _: Shared, named: dict[str, Any]) -> Any:
    def mix(*numbers: float) -> float:
        return float(sum(numbers))

    types = surface.module.ValType
    return surface.number_function(named, [types.I32, types.I64, types.F32, types.F64], mix)


def _echo(surface: Surface, _: Shared, named: dict[str, Any]) -> Any:
    def echo(data: bytes) -> bytes:
        return data

    return surface.module.host_fn(**named)(echo)


def _fail(surface: Surface, _: Shared, named: dict[str, Any]) -> Any:
    def fail(_plugin: Any, _params: list[Any], _results: list[Any]) -> None:
        raise RuntimeError(f"{named['name']} was told to fail")

    return surface.module.host_fn(signature=([], [surface.module.ValType.I64]), **named)(fail)


def _try_fail(surface: Surface, shared: Shared, named: dict[str, Any]) -> Any:
    return _fail(surface, shared, {"errors_as_values": True, **named})


def _sleep_ms(surface: Surface, _: Shared, named: dict[str, Any]) -> Any:
    def sleep(milliseconds: int):  # type: ignore[no-untyped-def]
        time.sleep(milliseconds / 1000)

    async def wait(milliseconds: int):  # type: ignore[no-untyped-def]
        await asyncio.sleep(milliseconds / 1000)

    waits = Ability.ASYNC_HOST_FUNCTIONS in surface.abilities
    return surface.module.host_fn(**named)(wait if waits else sleep)


def _cancel(surface: Surface, shared: Shared, named: dict[str, Any]) -> Any:
    def cancel(_plugin: Any, _params: list[Any], _results: list[Any]) -> None:
        if shared.cancel is not None:
            shared.cancel()

    return surface.module.host_fn(signature=([], []), **named)(cancel)


CATALOGUE: dict[str, Callable[[Surface, Shared, dict[str, Any]], Any]] = {
    "kv_read": _read,
    "kv_write": _write,
    "hostMemoryGet": _read,
    "host_add": _add,
    "host_mix": _mix,
    "host_echo": _echo,
    "host_fail": _fail,
    "host_try_fail": _try_fail,
    "host_sleep_ms": _sleep_ms,
    "host_cancel": _cancel,
}
