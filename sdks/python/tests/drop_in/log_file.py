import os
import tempfile

import extism
from guests import guest

WAT = guest().encode()

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "log")
    extism.set_log_file(path, "info")
    plugin = extism.Plugin(WAT)
    plugin.call("log", "heard")
    plugin.call("log_debug", "not heard")
    with open(path) as file:
        print(["heard" in line and "INFO" in line for line in file])
