"""Makes a virtual environment with pip in it, on a Debian without python3-venv too.

`python tools/make_venv.py DIRECTORY`
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import venv
from importlib.util import find_spec
from pathlib import Path

DEFAULT_INDEX = "https://pypi.org/simple"
SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"


def main() -> None:
    directory = Path(sys.argv[1])
    if find_spec("ensurepip") is not None:
        venv.create(directory, with_pip=True)
        return
    # Debian keeps ensurepip in a package of its own; pip's wheel can install itself.
    venv.create(directory, with_pip=False)
    with tempfile.TemporaryDirectory() as work:
        wheel = Path(work) / "pip-0-py3-none-any.whl"
        wheel.write_bytes(_fetch(_newest_pip(), "application/octet-stream"))
        python = directory / "bin" / "python"
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "pip"],
            env={**os.environ, "PYTHONPATH": str(wheel)},
            check=True,
        )


def _newest_pip() -> str:
    index = os.environ.get("PIP_INDEX_URL", DEFAULT_INDEX).rstrip("/")
    listing = json.loads(_fetch(f"{index}/pip/", SIMPLE_JSON))
    wheels = [file for file in listing["files"] if file["filename"].endswith(".whl")]
    return urllib.parse.urljoin(f"{index}/pip/", wheels[-1]["url"])


def _fetch(url: str, accept: str) -> bytes:
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request) as answer:
        content: bytes = answer.read()
        return content


if __name__ == "__main__":
    main()
