"""One case, run by the module under test."""

from __future__ import annotations

from typing import Any

from . import catalogue
from .case import Case, Step, decode_base64
from .expect import Failure, MismatchError, Outcome, check_load, check_step
from .logs import Logs
from .rule import limits_and_grants
from .surface import Surface, manifest_bytes
from .world import World


def run(case: Case, world: World, surface: Surface) -> None:
    """Runs a case that can be expressed; raises `MismatchError` when something is not as expected."""
    world.create(case.files)
    shared = catalogue.Shared({key: value.encode() for key, value in case.kv.items()})
    functions = [catalogue.function(surface, asked, shared) for asked in case.host_functions]
    logs = Logs(surface.module, case.options.log_level)
    compiled, failure = None, None
    try:
        compiled = surface.compile(source(case, world), functions, case.options)
    except surface.module.Error as error:
        failure = surface.failure(error, None)
    # Some hosts can only tell when they make an instance.
    if failure is None and case.load_error is not None:
        try:
            surface.plugin(compiled, case.options)
        except surface.module.Error as error:
            failure = surface.failure(error, None)
    check_load(case.load_error, failure)
    if failure is None:
        try:
            _run_live(case, compiled, surface, shared, logs)
        finally:
            # The module keeps every host function that was ever made, and so what it shares.
            shared.cancel = None


def source(case: Case, world: World) -> bytes:
    """What the plug-in is made from."""
    if case.source is not None:
        return case.source.encode()
    if case.source_base64 is not None:
        return decode_base64("source_base64", case.source_base64)
    if case.manifest is not None:
        return manifest_bytes({**case.manifest, **limits_and_grants(case)})
    assert case.guest is not None
    path = str(world.guests / case.guest)
    return manifest_bytes({"wasm": [{"path": path}], **limits_and_grants(case)})


def _run_live(case: Case, compiled: Any, surface: Surface, shared: catalogue.Shared, logs: Logs) -> None:
    """Runs the steps on each of as many plug-ins as the case wants alive."""
    alive = []
    for index in range(1, case.live_plugins + 1):
        try:
            plugin = surface.plugin(compiled, case.options)
        except surface.module.Error as error:
            raise MismatchError(f"plug-in {index} cannot be made: {error}") from error
        shared.cancel = plugin.cancel_handle().cancel
        for number, step in enumerate(case.steps):
            try:
                _run_step(step, plugin, surface, logs)
            except MismatchError as error:
                where = f"plug-in {index}, step {number}, function `{step.function}`"
                raise MismatchError(f"{where}: {error}") from error
        alive.append(plugin)


def _run_step(step: Step, plugin: Any, surface: Surface, logs: Logs) -> None:
    data = step.input_bytes()
    for _ in range(step.repeat):
        logs.take()
        result: bytes | Failure
        try:
            result = plugin.call(step.function, data)
        except surface.module.Error as error:
            result = surface.failure(error, plugin)
        check_step(step, Outcome(result, logs.take(), *surface.streams(plugin)))
