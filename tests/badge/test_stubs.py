"""The stand-ins for the ESP32's modules have the signatures of MicroPython's own stubs."""

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

STAND_INS = Path(__file__).parents[2] / "simulator" / "vm"
STUBS = Path(os.environ.get("TOCSIN_ESP32_STUBS") or Path(sys.prefix) / "esp32-stubs")
MODULES = sorted(path.stem for path in STAND_INS.glob("[a-z]*.py"))

# Where the stubs are wrong: what MicroPython's documentation of the module says instead.
# A correction that is needed no more fails a test below.
CORRECTIONS = {
    "bluetooth.BLE.gap_connect": (
        "def f(self, addr_type, addr=None, scan_duration_ms=2000, "
        "min_conn_interval_us=None, max_conn_interval_us=None, /): ..."
    ),
    "bluetooth.BLE.gatts_notify": "def f(self, conn_handle, value_handle, data=None, /): ...",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Parameter(NamedTuple):
    """One parameter of a signature. name: "" where only the position counts."""

    name: str
    keyword_only: bool
    required: bool


def is_public(name: str) -> bool:
    return not name.startswith(("_", "sim_")) or name == "__init__"


def definitions(body: list[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    """Names that a module or class body defines, in order; those in `if` too."""
    for statement in body:
        if isinstance(statement, ast.ClassDef | Function):
            yield statement.name, statement
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, statement
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, statement
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                yield alias.asname or alias.name, statement
        elif isinstance(statement, ast.If):
            yield from definitions([*statement.body, *statement.orelse])


def by_name(body: list[ast.stmt]) -> dict[str, list[ast.stmt]]:
    found: dict[str, list[ast.stmt]] = {}
    for name, statement in definitions(body):
        found.setdefault(name, []).append(statement)
    return found


def parameters(function: Function, *, is_method: bool) -> list[Parameter] | None:
    """A signature without `self`; None when it takes anything."""
    arguments = function.args
    if arguments.vararg or arguments.kwarg:
        return None
    static = any(
        isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list
    )
    positional = [*arguments.posonlyargs, *arguments.args]
    without_default = len(positional) - len(arguments.defaults)
    found = [
        Parameter(
            "" if at < len(arguments.posonlyargs) else argument.arg, False, at < without_default
        )
        for at, argument in enumerate(positional)
    ]
    found = found[1 if is_method and not static else 0 :]
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(Parameter(argument.arg, True, default is None))
    return found


def fits(ours: list[Parameter] | None, overloads: list[list[Parameter] | None]) -> bool:
    """Whether we take no call that the stub refuses, and need no more than it does.

    MicroPython has no positional-only parameters: where the stub has one, our name is free.
    """
    if ours is None or None in overloads:
        return True
    known = [one for one in overloads if one is not None]
    positional = [parameter for parameter in ours if not parameter.keyword_only]
    shortest = sum(parameter.required for parameter in positional)
    shapes = [positional[:count] for count in range(shortest, len(positional) + 1)]
    keywords = {parameter.name for parameter in ours if parameter.keyword_only}
    theirs = {parameter.name for one in known for parameter in one if parameter.keyword_only}
    return (
        all(any(may_call(shape, one) for one in known) for shape in shapes)
        and keywords <= theirs
        and not (shortest and all(may_call(positional[: shortest - 1], one) for one in known))
    )


def told(signature: list[Parameter] | None) -> str:
    """A signature as one would write it."""
    if signature is None:
        return "(*args, **kwargs)"
    words = []
    for at, parameter in enumerate(signature):
        if parameter.keyword_only and not (at and signature[at - 1].keyword_only):
            words.append("*")
        words.append((parameter.name or "_") + ("" if parameter.required else "=..."))
    return f"({', '.join(words)})"


def may_call(given: list[Parameter], theirs: list[Parameter]) -> bool:
    """Whether these positional arguments, and no others, make a call."""
    by_position = [parameter for parameter in theirs if not parameter.keyword_only]
    left = [*by_position[len(given) :], *(p for p in theirs if p.keyword_only)]
    return (
        len(given) <= len(by_position)
        and all(
            their.name in ("", our.name) for our, their in zip(given, by_position, strict=False)
        )
        and not any(parameter.required for parameter in left)
    )


def signatures(stub: list[ast.stmt], *, is_method: bool) -> list[list[Parameter] | None]:
    """All overloads; of a class, those of its constructor."""
    found: list[list[Parameter] | None] = []
    for statement in stub:
        if isinstance(statement, Function):
            found.append(parameters(statement, is_method=is_method))
        elif isinstance(statement, ast.ClassDef):
            made = by_name(statement.body).get("__init__", [])
            found += signatures(made, is_method=True) or [[]]
    return found


def value(statement: ast.stmt) -> object:
    """The literal that a constant is; None when it is none."""
    try:
        return ast.literal_eval(getattr(statement, "value", None) or ast.Constant(None))
    except ValueError:
        return None


def corrected(path: str, stub: list[ast.stmt]) -> list[ast.stmt]:
    return ast.parse(CORRECTIONS[path]).body if path in CORRECTIONS else stub


def differences(
    path: str, ours: ast.stmt, stub: list[ast.stmt], *, is_method: bool = False
) -> Iterator[str]:
    if isinstance(ours, ast.ClassDef):
        classes = [statement for statement in stub if isinstance(statement, ast.ClassDef)]
        if not classes:
            yield f"{path}: a class here, none in the stub"
            return
        theirs = by_name([statement for one in classes for statement in one.body])
        yield from compare(path, ours.body, theirs, is_method=True)
    elif isinstance(ours, Function):
        mine = parameters(ours, is_method=is_method)
        known = signatures(corrected(path, stub), is_method=is_method)
        if not fits(mine, known):
            yield f"{path}: takes {told(mine)}, the stub {' or '.join(map(told, known)) or '-'}"
    elif isinstance(ours, ast.Assign | ast.AnnAssign):
        values = [value(statement) for statement in stub]
        if value(ours) is not None and value(ours) not in values:
            yield f"{path}: is {value(ours)}, the stub {values}"


def compare(
    path: str, body: list[ast.stmt], theirs: dict[str, list[ast.stmt]], *, is_method: bool = False
) -> Iterator[str]:
    for name, ours in definitions(body):
        if not is_public(name):
            continue
        here = f"{path}.{name}"
        if name == "__init__" and name not in theirs and here not in CORRECTIONS:
            continue
        if name not in theirs and here not in CORRECTIONS:
            yield f"{here}: not in the stub"
            continue
        yield from differences(here, ours, theirs.get(name, []), is_method=is_method)


def all_differences(module: str, source: str) -> list[str]:
    theirs = by_name(ast.parse((STUBS / f"{module}.pyi").read_text()).body)
    body = [s for s in ast.parse(source).body if not isinstance(s, ast.Import)]
    return list(compare(module, body, theirs))


@pytest.mark.parametrize("module", MODULES)
def test_a_stand_in_has_the_signatures_of_the_stub(module: str) -> None:
    assert all_differences(module, (STAND_INS / f"{module}.py").read_text()) == []


@pytest.mark.parametrize("path", CORRECTIONS)
def test_a_correction_of_the_stubs_is_still_needed(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = path.split(".", maxsplit=1)[0]
    monkeypatch.delitem(CORRECTIONS, path)
    found = all_differences(module, (STAND_INS / f"{module}.py").read_text())
    assert [line for line in found if line.startswith(f"{path}:")]


@pytest.mark.parametrize(
    ("source", "difference"),
    [
        ("class Pin:\n    def vibrate(self): ...", "machine.Pin.vibrate: not in the stub"),
        ("class Pin:\n    OUT = 4", "machine.Pin.OUT: is 4, the stub [3]"),
        ("class WDT:\n    def feed(self, hard): ...", "machine.WDT.feed: takes"),
        (
            "class WDT:\n    def __init__(self, id=0, timeout=5000): ...",
            "machine.WDT.__init__: takes",
        ),
        ("def reset(when=0): ...", "machine.reset: takes"),
        ("reset = 3", "machine.reset: is 3, the stub"),
        ("class reset: ...", "machine.reset: a class here, none in the stub"),
    ],
)
def test_a_stand_in_that_differs_is_told(source: str, difference: str) -> None:
    [found] = all_differences("machine", source)
    assert found.startswith(difference)
