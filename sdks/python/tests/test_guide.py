"""The examples of the user guide run."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
from typing import Any

import pytest
from guests import guest

ROOT = pathlib.Path(__file__).parents[3]
GUIDE = pathlib.Path(os.environ.get("PLUGWRIGHT_GUIDE", ROOT / "docs" / "python-sdk.md"))

GREETER = guest(
    '(import "extism:host/user" "greet" (func $greet (param i64) (result i64)))',
    '(func (export "run") (call $out (call $greet (call $input))))',
)


def test_the_examples_of_the_guide(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(ROOT / "guests" / "wat" / "count_vowels.wat", tmp_path / "count_vowels.wasm")
    (tmp_path / "greeter.wasm").write_text(GREETER)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    text = GUIDE.read_text(encoding="utf-8")
    blocks = list(re.finditer(r"```python\n(.*?)```", text, re.DOTALL))
    assert len(blocks) > 5
    for block in blocks:
        # Lines as in the page, for whoever reads a failure.
        before = "\n" * (text[: block.start(1)].count("\n"))
        exec(compile(before + block.group(1), str(GUIDE), "exec"), names)
    printed = capsys.readouterr().out
    assert printed.startswith("b'{\"count\":3}'\n")
    assert "did you mean `count_vowels`?" in printed
