import base64
import hashlib
import json
import os
import tempfile
import threading
import uuid

import extism
from guests import guest

WAT = guest().encode()

for source in (
    WAT,
    {"wasm": [{"data": WAT}]},
    {"wasm": [{"data": base64.b64encode(WAT).decode(), "hash": hashlib.sha256(WAT).hexdigest()}]},
    json.dumps({"wasm": [{"data": base64.b64encode(WAT).decode()}], "config": {"key": "from the manifest"}}),
):
    plugin = extism.Plugin(source, config={"other": "given"})
    print(plugin.call("echo", "x"), plugin.call("config", "key"), plugin.call("config", "other"))
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "plugin.wat")
    with open(path, "wb") as file:
        file.write(WAT)
    print(extism.Plugin(path).call("echo", "from a file"))
    print(extism.Plugin({"wasm": [{"path": path}]}).call("echo", "from a file too"))

compiled = extism.extism.CompiledPlugin(WAT)
one, other = extism.Plugin(compiled), extism.Plugin(compiled, config={"key": "value"})
one.call("remember", "1")
other.call("remember", "2")
print(one.call("recall", b""), other.call("recall", b""), one.call("config", "key"), other.call("config", "key"))
print(isinstance(one.id, uuid.UUID), one.id != other.id, one.function_exists("echo"), one.function_exists("nope"))

for function in ("fail", "code", "trap", "no such"):
    try:
        one.call(function, "what the guest says")
    except extism.Error as error:
        print(function, isinstance(error, Exception), str(error) if function == "fail" else "")
print(one.call("echo", "it goes on"))

output = one.call("echo", "buffer", parse=None)
print(len(output), output[:], output[0], output[1:3], bytes(output), bytes(memoryview(output)))
print(one.call("echo", "buffer", lambda buffer: str(buffer[:], "utf-8")))

spinning = extism.Plugin(WAT)
handle = spinning.cancel_handle()
timer = threading.Timer(0.2, handle.cancel)
timer.start()
try:
    spinning.call("spin", b"")
except extism.Error:
    print("cancelled")
timer.join()
try:
    extism.Plugin({"wasm": [{"data": WAT}], "timeout_ms": 50}).call("spin", b"")
except extism.Error:
    print("timed out")
for source in (b"nonsense", {"wasm": []}, {"wasm": [{"data": WAT, "hash": "00"}]}, '{"wasm": 1}'):
    try:
        extism.Plugin(source)
    except extism.Error:
        print("refused")
for data in (5, None):
    try:
        one.call("echo", data)
    except TypeError:
        print("no input")
print(isinstance(extism.extism_version(), str), sorted(set(extism.__all__)) == sorted(set(PUBLIC_NAMES)))  # noqa: F821
