import json
import typing

import extism
from extism import Codec, CurrentPlugin, Json, Pickle, Plugin, ValType, host_fn
from guests import PIPE, guest


@host_fn("f", user_data=b"data")
def shout(text: str, data) -> str:
    return text.upper() + data.decode()


print(Plugin(PIPE, functions=[shout]).call("run", "hello"))


@host_fn("f")
def sort(plugin: CurrentPlugin, values: typing.Annotated[list, Json]) -> typing.Annotated[dict, extism.Json]:
    return {"sorted": sorted(values)}


with Plugin(PIPE, functions=[sort]) as plugin:
    print(plugin.call("run", "[3, 1, 2]", parse=lambda output: json.loads(bytes(output).decode())))


@host_fn("f")
def pickled(value: bytes) -> typing.Annotated[typing.Any, Pickle]:
    return len(value)


import pickle  # noqa: E402

print(Plugin(PIPE, functions=[pickled]).call("run", b"12345", lambda output: pickle.loads(output[:])))


@host_fn("f")
def coded(
    value: typing.Annotated[str, Codec(lambda data: data.decode("latin-1"))],
) -> typing.Annotated[str, Codec(lambda text: text.encode("utf-8"))]:
    return value[::-1]


print(Plugin(PIPE, functions=[coded]).call("run", "é!".encode("latin-1")))


@host_fn("number")
def number(a: int, b: float, c: bool) -> int:
    return a + int(b) + c


wat = guest(
    '(import "extism:host/user" "number" (func $number (param i64 f64 i32) (result i64)))',
    '(func (export "run") (call $out (call $number (i64.const 40) (f64.const 1.5) (i32.const 1))))',
)
print(int.from_bytes(Plugin(wat, functions=[number]).call("run", b""), "little"))
print(number.name, number.args, number.returns, number.namespace)
print([t.value for t in (ValType.I32, ValType.PTR, ValType.I64, ValType.F32, ValType.F64, ValType.V128)])
for annotations in ({}, {"x": object}, {"return": object}):

    def bad(x=None):
        return x

    bad.__annotations__ = annotations
    try:
        host_fn()(bad)
    except TypeError as error:
        print(error)
