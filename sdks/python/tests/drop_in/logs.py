import os
import tempfile

import extism
from guests import guest

WAT = guest().encode()

lines = []
logger = extism.set_log_custom(lines.append, "info")
plugin = extism.Plugin(WAT)
plugin.call("log", "heard")
plugin.call("log_debug", "not heard")
print(lines)
logger.drain()
print(len(lines), ["heard" in line for line in lines], [line.endswith("\n") for line in lines])
print(["INFO" in line for line in lines])
del logger
