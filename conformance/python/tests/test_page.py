"""The page of the user guide: what it shows runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from conformance_runner.load import CONFORMANCE

PAGE = CONFORMANCE.parent / "docs" / "extism-for-python.md"
PLACE = '"/usr/local/lib/libplugwright.so"'


def test_the_programs_run(library_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    program = "\n".join(blocks)
    assert program.count(PLACE) == 1
    program = program.replace(PLACE, repr(str(library_path)))
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)  # noqa: S603
    assert (ended.stdout, ended.stderr) == ("", "")
