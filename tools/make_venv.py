"""Makes a virtual environment with pip in it, on a Debian without python3-venv too.

`python tools/make_venv.py DIRECTORY`
"""

import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import venv
from importlib.util import find_spec
from pathlib import Path

DEFAULT_INDEX = "https://pypi.org/simple"
WHEEL = re.compile(r'href="([^"]*/pip-(\d+(?:\.\d+)*)-py3-none-any\.whl[^"]*)"')


def main() -> None:
    directory = Path(sys.argv[1])
    if find_spec("ensurepip") is not None:
        venv.create(directory, with_pip=True)
        return
    # Debian keeps ensurepip in a package of its own; pip's wheel can install itself.
    venv.create(directory, with_pip=False)
    with tempfile.TemporaryDirectory() as work:
        wheel = Path(work) / "pip-0-py3-none-any.whl"
        wheel.write_bytes(_fetch(_newest_pip()))
        python = directory / "bin" / "python"
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "pip"],
            env={**os.environ, "PYTHONPATH": str(wheel)},
            check=True,
        )


def _newest_pip() -> str:
    page = os.environ.get("PIP_INDEX_URL", DEFAULT_INDEX).rstrip("/") + "/pip/"
    found = WHEEL.findall(_fetch(page).decode())
    link, _ = max(found, key=lambda wheel: [int(part) for part in wheel[1].split(".")])
    return urllib.parse.urljoin(page, link)


def _fetch(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        content: bytes = answer.read()
        return content


if __name__ == "__main__":
    main()
