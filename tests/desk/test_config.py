"""A configuration that cannot be used is named in one line, with what to do; exit code 2."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from desk.config import load_config
from desk.errors import ConfigError

WriteToml = Callable[[str], Path]


def test_paths_are_relative_to_the_file(desk_toml: WriteToml, tmp_path: Path) -> None:
    config = load_config(desk_toml('fleet = "demo"\n[[badges]]\nnumber = 1\nwearer = "Asha"'))
    assert config.database == str(tmp_path / "desk.db")
    assert config.control == str(tmp_path / "desk.sock")
    assert config.wearers == {1: "Asha"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("fleet = 1", "$.fleet: expected str, got int"),
        ("", "$.fleet: missing key; add it"),
        ('fleet = "demo"\ncolour = "red"', "$.colour: unknown key; remove it"),
        ('fleet = "demo"\n[broker]\nkeepalive_s = "x"', "$.broker.keepalive_s: expected int"),
        ('fleet = "demo"\n[broker]\nurl = "http://x"', "broker.url: must be mqtt://host"),
        ('fleet = "de mo"', "$.fleet: name 'de mo': must be 1-32 of"),
        ('fleet = "demo"\nname = ""', "$.name: name '': must be 1-32 of"),
        ('fleet = "demo"\n[[badges]]\nnumber = 0\nwearer = "A"', "$.badges[0].number: expected"),
        ('fleet = "demo"\n[[badges]]\nnumber = 1\nwearer = ""', "$.badges[0].wearer: expected"),
        (
            'fleet = "demo"' + '\n[[badges]]\nnumber = 7\nwearer = "A"' * 2,
            "$.badges[0].number: badge 7 is there twice; one badge has one wearer",
        ),
        ('fleet = "demo"\ncontrol = "no/desk.sock"', "$.control: "),
        ('fleet = "demo"\ndatabase = "no/desk.db"', "mkdir -p "),
        (f'fleet = "demo"\ncontrol = "{"x" * 120}"', "$.control: the socket's path has"),
        ('fleet = "demo', "not TOML"),
    ],
)
def test_an_error_names_file_key_and_remedy(
    desk_toml: WriteToml, text: str, complaint: str
) -> None:
    path = desk_toml(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"desk\.toml: No such file or directory; name the file"):
        load_config(tmp_path / "desk.toml")


@pytest.mark.parametrize("command", ["run", "check", "alerts"])
def test_every_command_ends_with_one_line_and_exit_code_2(tmp_path: Path, command: str) -> None:
    path = tmp_path / "desk.toml"
    path.write_text('fleet = "demo"\ncolour = "red"')
    ended = subprocess.run(
        [sys.executable, "-m", "desk", command, "--config", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr == (
        f"tocsin-desk: {path}: $.colour: unknown key; remove it or correct its spelling\n"
    )


def test_a_password_file_that_others_may_read_stops_the_desk(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("geheim")
    (tmp_path / "password").chmod(0o644)
    path = tmp_path / "desk.toml"
    path.write_text('fleet = "demo"\n[broker]\nusername = "desk"\npassword_file = "password"\n')
    ended = subprocess.run(
        [sys.executable, "-m", "desk", "run", "--config", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "broker.password_file" in ended.stderr
    assert "chmod 600" in ended.stderr
    assert "geheim" not in ended.stderr
