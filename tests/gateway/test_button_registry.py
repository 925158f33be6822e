"""Registering a button: what the registry takes, and the one line it says otherwise."""

from pathlib import Path

import pytest

from gateway.errors import ConfigError
from gateway.registry import load_registry

KEY = "0c" * 16
FLEET = f'[[fleet_keys]]\nepoch = 0\nkey = "{"0a" * 16}"\n'
BADGE = f'[[badges]]\nnumber = 7\nkey = "{"0b" * 16}"\n'
BUTTON = (
    '[[buttons]]\nnumber = 12\naddress = "54:48:e6:8f:80:a5"\n'
    f'key = "{KEY}"\nplace = "Interview room 2"\n'
)


@pytest.fixture
def registry(tmp_path: Path):
    def load(*tables: str):
        file = tmp_path / "registry.toml"
        file.write_text("".join((FLEET, *tables)))
        file.chmod(0o600)
        return load_registry(file)

    return load


def test_a_button_needs_a_number_an_address_a_key_and_a_place(registry) -> None:
    (button,) = registry(BADGE, BUTTON).buttons
    assert (button.number, button.place) == (12, "Interview room 2")
    assert {button.single, button.double, button.triple, button.long} == {"sos"}


def test_what_a_press_says_can_be_chosen(registry) -> None:
    (button,) = registry(BUTTON + 'single = "assist"\nlong = "test"\ntriple = "nothing"\n').buttons
    assert (button.single, button.long, button.triple) == ("assist", "test", "nothing")


@pytest.mark.parametrize(
    ("tables", "complaint"),
    [
        ((BADGE, BUTTON.replace("12", "7")), r"\$\.buttons: number 7 is a badge's"),
        (
            (BUTTON, BUTTON.replace("80:a5", "80:a6")),
            r"\$\.buttons: number 12 stands there twice",
        ),
        (
            (BUTTON, BUTTON.replace("12", "13").replace("a5", "A5")),
            r"\$\.buttons: address 54:48:E6:8F:80:A5 stands there twice",
        ),
        (
            (BUTTON.replace("80:a5", "80"),),
            r"\$\.buttons\[0\]\.address|\$\.buttons\[\.\.\.\]\.addr",
        ),
        ((BUTTON.replace("0c0c", "0c"),), r"\.key"),
        ((BUTTON.replace("Interview room 2", ""),), r"\.place"),
        ((BUTTON + 'long = "siren"\n',), r"\.long"),
        ((BUTTON + 'room = "2"\n',), r"room"),
    ],
)
def test_what_cannot_be_is_said_in_one_line_without_the_key(
    registry, tables: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(ConfigError, match=complaint) as refused:
        registry(*tables)
    assert "0c0c" not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_no_key_is_in_a_repr(registry) -> None:
    assert KEY not in repr(registry(BUTTON)) + repr(registry(BUTTON).buttons)
