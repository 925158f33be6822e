"""`tocsin-simulator badges` as a tester has it: processes, files and sockets."""

import asyncio
import os
import select
import signal
import stat
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from desk.client import ControlClient
from desk.lines import Told
from gateway.config import load_config
from gateway.contract.messages import Phase
from simulator.__main__ import main
from simulator.badges.control import tell
from simulator.badges.home import Home
from simulator.badges.orders import VERBS
from simulator.errors import SimulatorError

WAIT_S = 60.0
ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
BADGES = ("-m", "simulator", "badges", "--directory")
ONE = ("--count", "1", "--seed", "1")


class Outcome(NamedTuple):
    code: object
    out: str
    error: str


Tool = Callable[..., Outcome]


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tool:
    """tocsin-simulator in this process: its exit code, and what it shows."""

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["tocsin-simulator", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        return Outcome(end.value.code, *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    # pytest's own directories are too long for the sockets in them.
    with tempfile.TemporaryDirectory(prefix="tocsin-") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def home(directory: Path) -> Iterator[Home]:
    """Two badges on the air, and the tester's own gateway and desk, started from their files."""
    home = Home(directory)
    badges = start(home, "--count", "2", "--seed", "1", "--loss", "0")
    others = [
        subprocess.Popen(
            [sys.executable, "-m", name, "run", "--config", str(config)],
            stderr=subprocess.DEVNULL,
        )
        for name, config in (("gateway", home.gateway), ("desk", home.desk))
    ]
    yield home
    for process in (badges, *others):
        process.terminate()
        process.communicate(timeout=WAIT_S)


def start(home: Home, *options: str) -> "subprocess.Popen[str]":
    """Returns once the badges are up."""
    process = subprocess.Popen(
        [sys.executable, *BADGES, str(home.directory), *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "default"},
    )
    assert process.stdout is not None
    said = []
    while not (line := process.stdout.readline()).startswith("Here:"):
        assert line, "".join(said)
        said.append(line)
    return process


def vms(home: Home) -> list[int]:
    """The processes that run firmware from this directory."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            command = (process / "cmdline").read_bytes() if process.name.isdecimal() else b""
        except OSError:  # it has just ended
            continue
        if b"/vm/_" in command and os.fsencode(home.boards) in command:
            found.append(int(process.name))
    return found


def await_end(processes: list[int]) -> None:
    """Returns when none of these processes is left."""
    for process in processes:
        try:
            descriptor = os.pidfd_open(process)
        except ProcessLookupError:
            continue
        assert select.select([descriptor], [], [], WAIT_S)[0], f"process {process} lives on"
        os.close(descriptor)


async def alerts_until(home: Home, phase: Phase) -> list[Told]:
    """What the tester's desk tells, until an alert is so far."""
    told: list[Told] = []
    reached = asyncio.Event()

    def take(one: Told) -> None:
        told.append(one)
        if one.alert is not None and one.alert.phase is phase:
            reached.set()

    client = ControlClient(
        home.directory / "desk.sock", on_told=take, on_link=lambda _up, _reason: None
    )
    watching = asyncio.create_task(client.run())
    async with asyncio.timeout(WAIT_S):
        await reached.wait()
    watching.cancel()
    return [one for one in told if one.alert is not None]


async def test_a_hold_told_by_socket_is_one_alert_at_the_testers_own_desk(home: Home) -> None:
    assert tell(home, "hold 1") == ("badge 1: the button is held", False)
    told = await alerts_until(home, Phase.DELIVERED)
    assert {(one.alert.badge, one.alert.wearer) for one in told} == {(1, "Asha Nair")}
    assert len({one.alert.alert for one in told}) == 1
    assert tell(home, "wait 1 delivered") == ("badge 1: delivered", False)
    assert "sos delivered" in tell(home, "list")[0]


def test_what_is_secret_is_its_owners_only(home: Home) -> None:
    for path, mode in ((home.registry, 0o600), (home.control, 0o600), (home.boards, 0o700)):
        assert stat.S_IMODE(path.stat().st_mode) == mode, path


def test_the_gateway_hears_by_the_dongle_alone(home: Home) -> None:
    radio = load_config(home.gateway).radio
    assert radio.all_adapters == ()
    assert radio.ports == (str(home.dongle),)
    assert os.isatty(os.open(home.dongle, os.O_RDWR | os.O_NOCTTY))


def test_mpremote_speaks_with_a_badge_by_usb_and_the_badge_calls_afterwards(home: Home) -> None:
    programs = ("import os; print(os.uname()[4])", "print(open('/config.json').read())")
    said = subprocess.run(
        [BIN / "mpremote", "connect", home.port(2), "exec", "\n".join(programs), "+", "reset"],
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    assert said.returncode == 0, said
    assert "Simulated ESP32" in said.stdout
    assert '"board": "tbeam_v1_2"' in said.stdout
    assert tell(home, "hold 2") == ("badge 2: the button is held", False)
    assert tell(home, "wait 2 raised") == ("badge 2: raised", False)


def test_help_lists_every_command(home: Home) -> None:
    shown, failed = tell(home, "help")
    assert not failed
    assert [verb for verb in VERBS if f"\n{verb}" not in f"\n{shown}"] == []


def test_what_cannot_be_done_is_one_line_and_exit_code_1(home: Home, tool: Tool) -> None:
    assert tool("badges", "tell", home.directory, "press", "9") == Outcome(
        1, "", "press: no badge 9; there are 1 to 2; say: press 3 [TIMES]\n"
    )
    assert tool("badges", "tell", home.directory, "press 1" * 2000)[0] == 1


def test_two_benches_do_not_share_a_directory(home: Home, tool: Tool) -> None:
    code, _, error = tool("badges", "--directory", home.directory)
    assert code == 1
    assert error.startswith(f"tocsin-simulator: {home.directory}: badges run there already;")
    assert home.control.is_socket()  # the ones that run are left alone
    assert home.port(1).is_symlink()


def test_nothing_is_left_after_kill_9_nor_ctrl_c_and_the_same_badges_start_again() -> None:
    with tempfile.TemporaryDirectory(prefix="tocsin-") as made:
        home = Home(Path(made))
        killed = start(home, *ONE, "--gateway")
        running = [*vms(home), *children(killed.pid)]
        assert len(vms(home)) == 2  # a badge and a dongle
        keys = home.registry.read_text()
        killed.kill()
        killed.communicate()
        await_end(running)
        again = start(home, *ONE)
        assert home.registry.read_text() == keys
        running = vms(home)
        again.send_signal(signal.SIGINT)
        assert again.communicate(timeout=WAIT_S)
        assert again.returncode == 0
        await_end(running)
        assert [path for path in home.directory.rglob("*") if special(path)] == []
        with pytest.raises(SimulatorError, match="no badges run there; start them: "):
            tell(home, "list")


def children(process: int) -> list[int]:
    return list(map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()))


def special(path: Path) -> bool:
    return path.is_symlink() or path.is_socket()


def test_at_a_prompt_a_mistake_is_told_and_the_terminal_is_left_as_it_was() -> None:
    with tempfile.TemporaryDirectory(prefix="tocsin-") as made:
        terminal, theirs = os.openpty()
        before = termios.tcgetattr(theirs)
        script = Path(made) / "script"
        script.write_text("# first\nlist\n")
        process = subprocess.Popen(
            ["setsid", "--ctty", "--wait", sys.executable, *BADGES, made, *ONE, "--script", script],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "dumb"},
        )
        until_said(terminal, b"badges> ")
        os.write(terminal, b"prss 1\n")
        until_said(terminal, b"prss: no such command; did you mean press?", b"badges> ")
        assert tell(Home(Path(made)), "quit") == ("ending", False)
        assert process.wait(WAIT_S) == 0
        assert termios.tcgetattr(theirs) == before
        os.close(terminal)
        os.close(theirs)


def until_said(terminal: int, *wanted: bytes) -> None:
    """Reads until all that was said, in this order; what is read behind it is lost."""
    said = b""
    for words in wanted:
        while words not in said:
            assert select.select([terminal], [], [], WAIT_S)[0], said
            said += os.read(terminal, 4096)
        said = said.partition(words)[2]


def test_a_script_is_looked_through_before_anything_starts(tool: Tool, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("press 1\n\nhold 4\n")
    code, _, error = tool("badges", "--directory", tmp_path / "badges", "--script", script)
    assert code == 1
    assert error == (
        f"tocsin-simulator: {script}, line 3: hold: no badge 4; there are 1 to 3; say: hold 3\n"
    )
    assert not (tmp_path / "badges").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--no-dongle",), "--no-dongle: nothing hears them; add --vhci or --gateway"),
        (("--fleet", "a/b"), "--fleet"),
        (("--script", "/nowhere"), "/nowhere: No such file or directory; name another with"),
        (("--directory", "/proc/here"), "/proc/here: No such file or directory; choose another"),
        (("--directory", "/tmp/" + "x" * 100), "too long a path for the sockets in it"),
        (("--broker", "mqtt://127.0.0.1:1"), "--broker mqtt://127.0.0.1:1: Connection refused"),
        (("--broker", "http://x"), "--broker http://x: "),
    ],
)
def test_what_cannot_be_started_is_one_line(
    tool: Tool, tmp_path: Path, options: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, error = tool("badges", *options)
    assert code == 1
    assert told in error
    assert len(error.splitlines()) == 1


def test_the_page_says_every_command_and_every_option(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "dumb")
    page = (ROOT / "docs" / "simulator-badges.md").read_text()
    assert [verb for verb in VERBS if f"| `{verb}" not in page] == []
    shown = tool("badges", "--help").out
    options = {word for word in shown.split() if word.startswith("--")}
    assert "--vhci" in options
    assert {option for option in options if f"`{option}" not in page} == set()
