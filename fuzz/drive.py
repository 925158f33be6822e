"""One target under a coverage-guided fuzzer, in a process of its own: `python -m fuzz.drive`.

Arguments: the target's name, then libFuzzer's own. Ends when libFuzzer does.
"""

import sys

import atheris


def main() -> None:
    """Fuzz until libFuzzer has had enough."""
    with atheris.instrument_imports(
        include=["badge", "desk", "gateway", "wire"], enable_loader_override=False
    ):
        from fuzz.targets import TARGETS  # noqa: PLC0415 - instrumented as it is imported
    target = TARGETS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
