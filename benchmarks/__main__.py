"""The benchmarks: `python -m benchmarks [NAME...]`, such as intake or outbox; all by default."""

import sys
from importlib import import_module
from pathlib import Path

from benchmarks.figures import Figure, show, write

_HERE = Path(__file__).parent
_LATEST = _HERE / "latest.json"
_PREFIX = "bench_"


def main(names: list[str]) -> int:
    """Run, show, and write benchmarks/latest.json; the exit code."""
    known = sorted(file.stem.removeprefix(_PREFIX) for file in _HERE.glob(f"{_PREFIX}*.py"))
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in names or known:
        figures: list[Figure] = import_module(f"benchmarks.{_PREFIX}{name}").run()
        show(figures)
        write(figures, _LATEST)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
