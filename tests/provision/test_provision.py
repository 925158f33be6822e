"""tocsin-badge provision: a number, keys, and everyone told; never a secret too many."""

import json
import stat
import threading
from pathlib import Path

import pytest

from gateway.keys import command_key, mask_key, seal_key
from gateway.registry import load_registry
from provision.fleet_files import load_desk
from provision.label import content
from simulator.board import Board
from simulator.ear import Ear
from tests.provision.conftest import WEARER, Fleet, Tool, next_frame, provision


def numbers(fleet: Fleet) -> list[int]:
    return sorted(load_registry(fleet.registry).badge_key_bytes())


def test_gateway_and_desk_know_the_badge_that_is_on_the_air(fleet: Fleet, badge: Board) -> None:
    registry = load_registry(fleet.registry)
    ear = Ear(registry.fleet_key_bytes()[0], registry.badge_key_bytes()[1])
    assert ear.hear(next_frame(badge)).badge == 1
    assert load_desk(fleet.desk).wearer(1) == WEARER


def test_the_badge_gets_derived_keys_alone(fleet: Fleet) -> None:
    registry = load_registry(fleet.registry)
    fleet_key, badge_key = registry.fleet_key_bytes()[0], registry.badge_key_bytes()[1]
    kept = fleet.board.nvs.read_text() + fleet.board.image.read_bytes().hex()
    for derived in (mask_key(fleet_key), seal_key(badge_key), command_key(badge_key)):
        assert derived.hex() in kept
    for secret in (fleet_key, badge_key):
        assert secret.hex() not in kept
        assert secret not in fleet.board.image.read_bytes()


def test_the_label_carries_number_and_fleet_and_nothing_else(fleet: Fleet) -> None:
    assert content("demo", 1) == "tocsin:demo/1"
    drawn = (fleet.directory / "badge-1.svg").read_text()
    assert ">1</text>" in drawn
    assert "tocsin demo" in drawn
    assert WEARER not in drawn
    assert (fleet.directory / "badge-1.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_secret_is_shown(bare: Fleet, tool: Tool) -> None:
    with Board(bare.board) as board:
        shown = provision(board, bare, "--new-fleet")
    assert shown.code == 0, shown.error
    registry = load_registry(bare.registry)
    for key in (*registry.fleet_key_bytes().values(), *registry.badge_key_bytes().values()):
        for secret in (key, mask_key(key), seal_key(key), command_key(key)):
            assert secret.hex() not in shown.out + shown.error


def test_the_registry_is_secret_and_comments_stay(fleet: Fleet, badge: Board) -> None:
    fleet.registry.write_text(fleet.registry.read_text() + "# spare key: in the safe\n")
    fleet.desk.write_text("# Ward 3.\n" + fleet.desk.read_text())
    fleet.desk.chmod(0o640)
    assert provision(badge, fleet).code == 0
    assert stat.S_IMODE(fleet.registry.stat().st_mode) == 0o600
    assert stat.S_IMODE(fleet.desk.stat().st_mode) == 0o640
    assert "# spare key: in the safe" in fleet.registry.read_text()
    assert fleet.desk.read_text().startswith("# Ward 3.\n")


def test_a_badge_that_is_provisioned_again_gets_a_new_number(fleet: Fleet, badge: Board) -> None:
    again = provision(badge, fleet, wearer="Ben O.")
    assert again.code == 0, again.error
    assert "is badge 2 of fleet demo now, worn by Ben O." in again.out
    assert "it was badge 1: remove that number" in again.out
    assert numbers(fleet) == [1, 2]


def test_a_number_is_not_reused_even_when_its_badge_has_left_the_registry(
    fleet: Fleet, badge: Board
) -> None:
    for path in (fleet.registry, fleet.desk):
        path.write_text(path.read_text().split("[[badges]]")[0])
    assert "is badge 2 of" in provision(badge, fleet).out


def test_the_number_of_a_button_is_not_given_to_a_badge(fleet: Fleet, badge: Board) -> None:
    button = f'number = 7\naddress = "54:48:E6:8F:80:A5"\nkey = "{"0" * 32}"\nplace = "Door"\n'
    fleet.registry.write_text(f"{fleet.registry.read_text()}\n[[buttons]]\n{button}")
    assert "is badge 8 of" in provision(badge, fleet).out
    assert load_registry(fleet.registry).buttons[0].number == 7


def test_a_name_is_shown_as_it_is(fleet: Fleet, badge: Board) -> None:
    done = provision(badge, fleet, wearer="Asha [ward 3] [/red]")
    assert done.code == 0, done.error
    assert "worn by Asha [ward 3] [/red]\n" in done.out


def test_labels_that_cannot_be_written_are_told_before_anything_is_changed(
    fleet: Fleet, badge: Board
) -> None:
    before = fleet.registry.read_text()
    failed = provision(badge, fleet, "--labels", fleet.directory / "nowhere")
    assert failed.code == 2
    assert "nowhere: no directory to write to; choose another with --labels" in failed.error
    assert fleet.registry.read_text() == before


def test_an_interrupted_provisioning_goes_on_with_the_same_number(fleet: Fleet) -> None:
    pending = {"highest": 2, "pending": {"number": 2, "board": "a0b1c2d3e4f5"}}
    (fleet.directory / "badge-numbers.json").write_text(json.dumps(pending))
    with Board(fleet.board) as board:
        assert "is badge 2 of" in provision(board, fleet).out
    assert numbers(fleet) == [1, 2]
    with Board(fleet.board) as board:
        assert "is badge 3 of" in provision(board, fleet).out


def test_another_board_does_not_get_an_interrupted_ones_number(fleet: Fleet) -> None:
    pending = {"highest": 2, "pending": {"number": 2, "board": "a0b1c2d3e4f5"}}
    (fleet.directory / "badge-numbers.json").write_text(json.dumps(pending))
    with Board(fleet.board, unique_id="a0b1c2d3e4f6") as board:
        assert "is badge 3 of" in provision(board, fleet).out


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("registry.toml", None, "no such file; name the gateway's registry with --registry"),
        ("registry.toml", "fleet_keys = 3", "registry.toml: $.fleet_keys: expected array, got int"),
        ("desk.toml", None, "No such file or directory; name the file with --desk"),
        ("desk.toml", "fleet = ", "desk.toml: not TOML"),
        ("desk.toml", 'fleet = "demo"\nbadges = []\n', "not written as [[badges]] tables"),
        ("badge-numbers.json", "{", "badge-numbers.json: cannot be used"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_the_badge_is_as_it_was(
    fleet: Fleet, badge: Board, file: str, text: str | None, told: str
) -> None:
    path, before = fleet.directory / file, fleet.identity
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    failed = provision(badge, fleet)
    assert failed.code == 2
    assert told in failed.error
    assert len(failed.error.splitlines()) == 1
    assert fleet.identity == before


def test_keys_that_others_can_read_are_refused_with_the_remedy(fleet: Fleet, badge: Board) -> None:
    fleet.registry.chmod(0o644)
    failed = provision(badge, fleet)
    assert failed.code == 2
    assert f"others may read it (mode 0644); run: chmod 600 {fleet.registry}" in failed.error
    assert numbers_given(fleet) == 1


def test_a_new_fleet_never_takes_the_place_of_one(fleet: Fleet, badge: Board) -> None:
    before = fleet.registry.read_text()
    failed = provision(badge, fleet, "--new-fleet")
    assert failed.code == 2
    assert "exists already" in failed.error
    assert fleet.registry.read_text() == before


def test_a_cable_pulled_while_keys_are_written_costs_nothing_but_a_second_run(
    fleet: Fleet, badge: Board
) -> None:
    puller = threading.Thread(target=pull_when, args=(badge, fleet.desk, "number = 2"))
    puller.start()
    first = provision(badge, fleet)
    puller.join()
    badge.plug_in()
    second = provision(badge, fleet)
    assert second.code == 0, second.error
    if first.code:
        assert "it goes on where it stopped" in first.error
    assert f"is badge {2 if first.code else 3} of" in second.out


def pull_when(badge: Board, path: Path, text: str) -> None:
    while text not in path.read_text():
        pass
    badge.unplug()


def numbers_given(fleet: Fleet) -> int:
    highest = json.loads((fleet.directory / "badge-numbers.json").read_text())["highest"]
    assert isinstance(highest, int)
    return highest
