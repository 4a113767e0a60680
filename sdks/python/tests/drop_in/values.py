from extism import CurrentPlugin, Memory, Plugin, Val, ValType, host_fn
from guests import PIPE, guest


@host_fn(name="f", namespace="extism:host/user", signature=([ValType.PTR], [ValType.PTR]), user_data=[b"one", "two"])
def f(plugin, params, results, *user_data):
    text = plugin.input_string(params[0])
    memory = plugin.memory_at_offset(params[0])
    print(type(memory) is Memory, memory.length, len(memory), plugin.input_bytes(params[0]), user_data)
    print(bytes(plugin.memory(memory)), plugin.input_buffer(params[0])[1:3], plugin.host_context())
    made = plugin.alloc(4)
    plugin.memory(made)[:] = b"abcd"
    plugin.memory(made)[0:2] = b"xy"
    print(plugin.memory(made)[:], len(plugin.memory(made)), made.length)
    plugin.free(made)
    plugin.return_string(results[0], text + "!")


plugin = Plugin(PIPE, functions=[f])
print(plugin.call("run", "hello", host_context={"a": 1}))
print(plugin.call("run", b"again"))


@host_fn(signature=([ValType.I32, ValType.I64, ValType.F32, ValType.F64], [ValType.I64]))
def mix(plugin: CurrentPlugin, params: list, results: list):
    print(params, [param.value for param in params], [param.t for param in params])
    results[0].value = int(sum(param.value for param in params))


wat = guest(
    '(import "extism:host/user" "mix" (func $mix (param i32 i64 f32 f64) (result i64)))',
    """(func (export "run") (call $out_number
         (call $mix (i32.const -1) (i64.const -2) (f32.const 0.5) (f64.const 10))))""",
)
print(int.from_bytes(Plugin(wat, functions=[mix]).call("run", b""), "little"))
value = Val(ValType.I64, 5)
value.value = 6
print(value, value.t, value.value)
