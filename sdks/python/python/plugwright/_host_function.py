"""Functions that a program lends to its plug-ins."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Sequence
from typing import Any, Callable, Optional, Union

from . import _native
from ._convert import Decoder, Encoder, parameter, results
from ._current_plugin import CurrentPlugin
from ._errors import Error
from ._values import Val, ValType

#: A function of WebAssembly values: it gets the plug-in, the parameters, and the results to fill in.
Explicit = Callable[..., Any]


class Function:
    """A host function over WebAssembly values: ``f(plugin, params, results, *user_data)``.

    ``params`` and ``results`` are lists of ``Val``; ``f`` sets the ``value`` of the results. Made by ``host_fn`` as a rule. With
    ``errors_as_values`` an exception does not end the plug-in's call: the function returns 0, and the plug-in gets the message
    by ``host_error_take``.
    """

    def __init__(
        self,
        namespace: Optional[str],
        name: str,
        args: Sequence[ValType],
        returns: Sequence[ValType],
        f: Explicit,
        *user_data: Any,
        errors_as_values: bool = False,
    ) -> None:
        self.namespace = namespace
        self.name = name
        self.args = [arg.value for arg in args]
        self.returns = [result.value for result in returns]
        self.f = f
        self.user_data = user_data
        self.errors_as_values = errors_as_values

    @functools.cached_property
    def _native(self) -> _native.HostFunction:
        call, asynchronous = self._adapter()
        return _native.HostFunction(
            self.namespace, self.name, self.args, self.returns, call, asynchronous, self.errors_as_values
        )

    def _adapter(self) -> tuple[Callable[..., Any], bool]:
        """The function over numbers that the native module calls, and whether it is a coroutine function."""
        args, returns = [ValType(arg) for arg in self.args], [ValType(result) for result in self.returns]

        def begin(params: tuple[Any, ...]) -> tuple[list[Val], list[Val]]:
            return [Val(t, v) for t, v in zip(args, params)], [Val(t, 0) for t in returns]

        def end(outputs: list[Val]) -> Any:
            for t, output in zip(returns, outputs):
                if output.t != t:
                    raise Error(f"Output type mismatch, got {output.t} but expected {t}")
            numbers = tuple(_number(output) for output in outputs)
            return numbers[0] if len(numbers) == 1 else numbers

        if inspect.iscoroutinefunction(self.f):

            async def call_async(current: _native.CurrentPlugin, *params: Any) -> Any:
                inputs, outputs = begin(params)
                await self.f(CurrentPlugin(current), inputs, outputs, *self.user_data)
                return end(outputs)

            return call_async, True

        def call(current: _native.CurrentPlugin, *params: Any) -> Any:
            inputs, outputs = begin(params)
            self.f(CurrentPlugin(current), inputs, outputs, *self.user_data)
            return end(outputs)

        return call, False


def _number(output: Val) -> Union[int, float]:
    if output.t in (ValType.F32, ValType.F64):
        return float(output.value)
    return int(output.value)


class ExplicitFunction(Function):
    """A host function whose signature was given."""

    def __init__(
        self,
        namespace: Optional[str],
        name: str,
        args: Sequence[ValType],
        returns: Sequence[ValType],
        func: Explicit,
        user_data: Sequence[Any],
        errors_as_values: bool = False,
    ) -> None:
        super().__init__(namespace, name, args, returns, func, *user_data, errors_as_values=errors_as_values)
        self.func = func
        functools.update_wrapper(self, func)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.func(*args, **kwargs)


class TypeInferredFunction(ExplicitFunction):
    """A host function whose signature comes from its annotations."""

    def __init__(
        self,
        namespace: Optional[str],
        name: str,
        func: Callable[..., Any],
        user_data: Sequence[Any],
        errors_as_values: bool = False,
    ) -> None:
        hints = typing.get_type_hints(func, include_extras=True)
        if not hints:
            raise TypeError("Host function must include Python type annotations or explicitly list arguments.")
        returned = hints.pop("return", None)
        names = list(hints)
        self._takes_plugin = bool(names) and hints[names[0]] is CurrentPlugin
        if self._takes_plugin:
            names = names[1:]
        params = [parameter(name, hints[name]) for name in names]
        # A function without a result is annotated with None, whose hint is NoneType.
        outputs = [] if returned in (None, type(None)) else results(returned)
        self._decoders: list[Decoder] = [decode for _, decode in params]
        self._encoders: list[Encoder] = [encode for _, encode in outputs]
        self._is_tuple = typing.get_origin(returned) is tuple
        self._function = func
        super().__init__(
            namespace,
            name,
            [t for t, _ in params],
            [t for t, _ in outputs],
            self._explicit,
            user_data,
            errors_as_values,
        )
        functools.update_wrapper(self, func)

    def _explicit(self, plugin: CurrentPlugin, inputs: list[Val], outputs: list[Val], *user_data: Any) -> Any:
        """The function as one over WebAssembly values, which it is when somebody calls this object."""
        decoded = [decode(plugin._native, value.value) for decode, value in zip(self._decoders, inputs)]
        returned = self._function(*([plugin, *decoded] if self._takes_plugin else decoded), *user_data)
        values = returned if self._is_tuple else (returned,)
        # Tests of programs call it without outputs, and without a plug-in.
        for output, encode, value in zip(outputs, self._encoders, values):
            output.value = encode(plugin._native, value)

    def _arguments(self, current: _native.CurrentPlugin, params: Sequence[Any]) -> list[Any]:
        decoded = [decode(current, value) for decode, value in zip(self._decoders, params)]
        return [CurrentPlugin(current), *decoded] if self._takes_plugin else decoded

    def _numbers(self, current: _native.CurrentPlugin, returned: Any) -> tuple[Any, ...]:
        if not self._is_tuple:
            return tuple(encode(current, returned) for encode in self._encoders)
        if len(returned) != len(self._encoders):
            raise ValueError(f"host function {self.name} returned {len(returned)} values, not {len(self._encoders)}")
        return tuple(encode(current, value) for encode, value in zip(self._encoders, returned))

    def _adapter(self) -> tuple[Callable[..., Any], bool]:
        function, user_data = self._function, self.user_data

        def end(current: _native.CurrentPlugin, returned: Any) -> Any:
            numbers = self._numbers(current, returned)
            return numbers[0] if len(numbers) == 1 else numbers

        if inspect.iscoroutinefunction(function):

            async def call_async(current: _native.CurrentPlugin, *params: Any) -> Any:
                return end(current, await function(*self._arguments(current, params), *user_data))

            return call_async, True

        def call(current: _native.CurrentPlugin, *params: Any) -> Any:
            return end(current, function(*self._arguments(current, params), *user_data))

        return call, False


#: The functions that ``host_fn`` made, which plug-ins get that are given no others.
HOST_FN_REGISTRY: list[Function] = []


def host_fn(
    name: Optional[str] = None,
    namespace: Optional[str] = None,
    signature: Optional[tuple[Sequence[ValType], Sequence[ValType]]] = None,
    user_data: Optional[Union[bytes, Sequence[Any]]] = None,
    *,
    errors_as_values: bool = False,
) -> Callable[[Callable[..., Any]], ExplicitFunction]:
    """Makes a host function of a function, and offers it to all plug-ins that are given no list of ``functions``.

    Without ``signature``, its types come from annotations:

    - ``str``, ``bytes``: the bytes of a block of memory, which crosses as an ``I64``;
    - ``Annotated[T, Json]``, ``Annotated[T, Pickle]``, ``Annotated[T, Codec(f)]``: likewise, converted;
    - ``Optional`` of these: ``None`` crosses as 0;
    - ``int``: an ``I64``; as a result, a block with its 8 bytes, as the public SDK has it and PDKs read it;
    - ``float``: an ``F64``; ``bool``: an ``I32``;
    - ``tuple[...]`` of these as a result: several results;
    - ``CurrentPlugin`` as the first parameter: the plug-in that calls.

    With ``signature``, it gets the plug-in and two lists of ``Val``. In both cases ``user_data`` follows as further arguments.

    A coroutine function (``async def``) runs on the event loop that awaits the plug-in's call, and under a blocking call on one
    of the package's own, in a thread of its own.

    An exception ends the plug-in's call, and is the cause of its error.

    :param name: the name that plug-ins import; the function's own by default
    :param namespace: the module that they import it from; without one it is ``extism:host/user``, and ``env`` as well
    :param signature: the types of the parameters and of the results
    :param user_data: further arguments of each call
    :param errors_as_values: lets plug-ins have an exception's message as a value, instead of ending their call

    >>> from plugwright import Plugin, host_fn
    >>> @host_fn()
    ... def greet(who: str) -> str:
    ...     return f"Hello, {who}!"
    >>> wat = '''(module
    ...   (import "extism:host/user" "greet" (func $greet (param i64) (result i64)))
    ...   (import "extism:host/env" "input_offset" (func $input (result i64)))
    ...   (import "extism:host/env" "length" (func $length (param i64) (result i64)))
    ...   (import "extism:host/env" "output_set" (func $output (param i64 i64)))
    ...   (func (export "run") (local i64)
    ...     (local.set 0 (call $greet (call $input)))
    ...     (call $output (local.get 0) (call $length (local.get 0)))))'''
    >>> Plugin(wat, functions=[greet]).call("run", "Jane", parse=lambda output: bytes(output).decode())
    'Hello, Jane!'
    """
    data = [user_data] if isinstance(user_data, bytes) else list(user_data or [])

    def make(func: Callable[..., Any]) -> ExplicitFunction:
        called = name or func.__name__
        function: ExplicitFunction
        if signature is None:
            function = TypeInferredFunction(namespace, called, func, data, errors_as_values)
        else:
            params, returns = signature
            function = ExplicitFunction(namespace, called, params, returns, func, data, errors_as_values)
        HOST_FN_REGISTRY.append(function)
        return function

    return make


def native(functions: Optional[Sequence[Function]]) -> list[_native.HostFunction]:
    """The functions as the native module has them. Of several with one name, the last counts."""
    by_name = {(function.namespace, function.name): function for function in functions or ()}
    return [function._native for function in by_name.values()]
