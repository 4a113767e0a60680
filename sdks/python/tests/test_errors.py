"""Errors: their class, their text, and what is known about them."""

from __future__ import annotations

import pickle
import re

import pytest
from guests import NUDGE, guest
from plugwright import Error, ErrorKind, Plugin, PluginError, host_fn


def failure(plugin: Plugin, function: str, data: str = "") -> PluginError:
    with pytest.raises(PluginError) as error:
        plugin.call(function, data)
    return error.value


def test_what_a_guest_says_is_the_text() -> None:
    error = failure(Plugin(guest()), "fail", "first\nsecond")
    assert isinstance(error, Error)
    assert str(error) == "first\nsecond"
    assert (error.kind, error.code, error.plugin, error.function) == (ErrorKind.GUEST, 3, "main", "fail")
    assert error.backtrace == ()
    assert error.__cause__ is None


def test_a_code_without_words() -> None:
    error = failure(Plugin(guest(), name="named"), "code")
    assert str(error) == "plug-in `named`, function `code`: returned the code 7"
    assert error.code == 7


def test_a_trap_has_a_backtrace() -> None:
    plugin = Plugin('(module (func $inner unreachable) (func $run (export "run") (call $inner)))')
    error = failure(plugin, "run")
    assert (error.kind, error.code) == ("Trap", 134)
    assert [frame.function for frame in error.backtrace] == ["inner", "run"]
    assert error.backtrace[0].offset is not None


def test_a_function_that_is_not_there() -> None:
    error = failure(Plugin(guest()), "ecko")
    assert error.kind is ErrorKind.FUNCTION_NOT_FOUND
    assert "did you mean `echo`?" in str(error)


def test_kinds_are_their_names() -> None:
    assert ErrorKind("Timeout") is ErrorKind.TIMEOUT
    assert f"{ErrorKind.TIMEOUT}" == "Timeout"


def test_errors_cross_processes() -> None:
    error = failure(Plugin(guest()), "trap")
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.kind, copy.backtrace) == (str(error), error.kind, error.backtrace)


def test_what_a_host_function_raises_is_the_cause() -> None:
    class Custom(Exception):
        pass

    raised = Custom("no luck")

    @host_fn()
    def f() -> None:
        raise raised

    error = failure(Plugin(NUDGE), "run")
    assert error.kind is ErrorKind.HOST_FUNCTION
    assert re.search(r"host function `f` failed: .*Custom: no luck", str(error))
    assert error.__cause__ is raised
    assert raised.__traceback__ is not None
    assert error.backtrace


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_no_error_passes_through(kind: type[BaseException]) -> None:
    @host_fn()
    def f() -> None:
        raise kind("stop")

    plugin = Plugin(NUDGE)
    with pytest.raises(kind, match="stop"):
        plugin.call("run")
    assert plugin.call("echo", "x") == b"x"


def test_an_error_of_another_plug_in_is_a_cause() -> None:
    inner = Plugin(guest())

    @host_fn()
    def f() -> None:
        inner.call("trap")

    error = failure(Plugin(NUDGE), "run")
    assert error.kind is ErrorKind.HOST_FUNCTION
    assert isinstance(error.__cause__, PluginError)
    assert error.__cause__.kind is ErrorKind.TRAP


def test_errors_as_values() -> None:
    @host_fn(errors_as_values=True)
    def f(text: str) -> str:
        raise ValueError(f"not {text}")

    wat = guest(
        """(import "extism:host/user" "f" (func $f (param i64) (result i64)))
           (import "plugwright:host/env" "host_error_take" (func $host_error_take (result i64)))""",
        """(func (export "run")
          (if (i64.ne (call $f (call $input)) (i64.const 0)) (then unreachable))
          (call $out (call $host_error_take)))""",
    )
    assert Plugin(wat).call("run", "this") == b"not this"
