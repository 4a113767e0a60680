"""A wheel: with the metadata that maturin makes of the sources, and the package as it is staged for tests."""

from __future__ import annotations

import base64
import hashlib
import pathlib
import subprocess
import sys
import venv
import zipfile

import maturin
import plugwright

SOURCES = pathlib.Path(__file__).parents[1]

PROGRAM = """
import pathlib, sys
import plugwright
from plugwright import Plugin
assert pathlib.Path(plugwright.__file__).is_relative_to(sys.prefix), plugwright.__file__
print(Plugin('(module (func (export "run") (result i32) (i32.const 0)))', cache=False).call("run"))
from importlib import metadata
print(metadata.version("plugwright") == plugwright.__version__)
"""


def metadata(folder: pathlib.Path) -> pathlib.Path:
    """The folder of metadata that maturin makes."""
    program = next(
        program
        for folder_of_package in pathlib.Path(maturin.__file__).parents
        if (program := folder_of_package / "bin" / "maturin").exists()
    )
    command = [str(program), "pep517", "write-dist-info", "--offline", "--metadata-directory", str(folder)]
    command += ["--interpreter", sys.executable]
    subprocess.run(command, cwd=SOURCES, check=True, capture_output=True)
    (made,) = folder.glob("*.dist-info")
    return made


def test_metadata(tmp_path: pathlib.Path) -> None:
    text = (metadata(tmp_path) / "METADATA").read_text(encoding="utf-8")
    headers, _, body = text.partition("\n\n")
    lines = headers.splitlines()
    assert "Name: plugwright" in lines
    assert f"Version: {plugwright.__version__}" in lines
    assert "Requires-Python: >=3.9" in lines
    assert "Classifier: Typing :: Typed" in lines
    assert not [line for line in lines if line.startswith("Requires-Dist")]
    assert body.lstrip().startswith("# plugwright")


def test_a_wheel_is_installed(tmp_path: pathlib.Path) -> None:
    info = metadata(tmp_path)
    package = pathlib.Path(plugwright.__file__).parent
    files = {f"plugwright/{path.name}": path for path in package.iterdir() if path.is_file()}
    assert {"plugwright/py.typed", "plugwright/_native.pyi"} <= set(files)
    files |= {f"{info.name}/{path.name}": path for path in info.iterdir() if path.name != "RECORD"}
    tag = next(
        line.partition(": ")[2] for line in (info / "WHEEL").read_text().splitlines() if line.startswith("Tag: ")
    )
    assert tag.startswith("cp311-abi3-")
    wheel = tmp_path / f"plugwright-{plugwright.__version__}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        record = ""
        for name, path in sorted(files.items()):
            data = path.read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(data)}\n"
            archive.writestr(name, data)
        archive.writestr(f"{info.name}/RECORD", record + f"{info.name}/RECORD,,\n")

    fresh = tmp_path / "fresh"
    venv.create(fresh, with_pip=False, symlinks=True)
    python = fresh / "bin" / "python"
    environment = {"PATH": "", "HOME": str(tmp_path)}
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    subprocess.run([*pip, "install", "--quiet", "--no-index", "--no-deps", str(wheel)], check=True)
    ran = subprocess.run(
        [str(python), "-c", PROGRAM], check=True, capture_output=True, text=True, env=environment, cwd=tmp_path
    )
    assert ran.stdout == "b''\nTrue\n"
