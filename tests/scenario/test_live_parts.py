"""What a live run is made of: what it can play, and how it knows what is on disk."""

import random
from pathlib import Path

import pytest

from desk.alert import Key, sight
from desk.store import Store
from desk.turns import SaveAlert, SaveAudit
from gateway.contract.messages import Kind, Phase, Report, rfc3339
from gateway.disk.outbox import Outbox
from gateway.keys import block_cipher, mask_key, seal_key
from gateway.steps import Count
from simulator import plans
from simulator.ear import Ear
from simulator.errors import SimulatorError
from simulator.live.disks import DeskDisk, HubDisk
from simulator.live.field import Field
from simulator.live.happenings import HAPPENINGS
from simulator.live.limits import CANNOT, MOST_BADGES, fit
from simulator.live.machine import GatewayLog
from simulator.live.settled import Settled
from simulator.live.telling import Teller
from simulator.lockstep.log import Entry, Log
from simulator.scenario.story import load, parse, shipped
from simulator.scenario.verbs import VERBS
from simulator.world.draws import Draws
from simulator.world.radio import Radio
from tests.conftest import BADGE_KEY, FLEET_KEY
from wire.frame import KIND_SOS, PHASE_RAISED, encode_report
from wire.frame import Report as Said
from wire.seal import seal_frame


def noted(log: Log) -> list[Entry]:
    entries: list[Entry] = []
    log.listen(entries.append)
    return entries


def test_every_verb_is_played_live_or_named_as_left_out() -> None:
    assert HAPPENINGS.keys() | CANNOT.keys() == VERBS.keys()
    assert not HAPPENINGS.keys() & CANNOT.keys()


@pytest.mark.parametrize("broker", ["amqtt", "mqtt://broker.example:1883"])
@pytest.mark.parametrize("name", shipped())
def test_what_is_left_out_of_a_story_is_said(name: str, broker: str) -> None:
    story = load(name)
    fitted = fit(story, plans.load(story.plan), 1, broker)
    left_out = len(story.steps) - len(fitted.story.steps)
    assert sum(note.startswith("Left out at") for note in fitted.notes) == left_out
    assert len(fitted.story.wearers) <= MOST_BADGES
    assert all(step.does in HAPPENINGS for step in fitted.story.steps)


def test_a_strangers_broker_is_not_stopped() -> None:
    story = load("the-night-the-broker-died")
    notes = fit(story, plans.load(story.plan), 1, "mqtt://broker.example:1883").notes
    assert any("broker is wiped; the broker at mqtt://broker.example" in note for note in notes)


def test_a_low_battery_is_left_out_and_said() -> None:
    story = load("the-battery-runs-out")
    notes = fit(story, plans.load(story.plan), 1, "amqtt").notes
    assert "Left out: Lotte's low battery; live badges have full ones." in notes


def test_a_hub_whose_name_no_gateway_can_have_is_refused() -> None:
    plan = plans.load("clinic")
    story = parse(
        "1.toml", 'name = "x"\nplan = "clinic"\nlength = "9 min"\nhubs = ["hub 1"]\ncrowd = 1\n'
    )
    with pytest.raises(SimulatorError, match=r"hub 'hub 1'.*rename it to play it live"):
        fit(story, plan, 1, "amqtt")


def test_what_is_on_a_hubs_disk_is_seen_while_its_gateway_holds_the_file(tmp_path: Path) -> None:
    log = Log(lambda: 7)
    entries, ear = noted(log), Ear(FLEET_KEY, BADGE_KEY)
    said = Said(KIND_SOS, PHASE_RAISED, event=3)
    ciphers = block_cipher(mask_key(FLEET_KEY)), block_cipher(seal_key(BADGE_KEY))
    frame = seal_frame(*ciphers, 0, 7, 9, encode_report(said))
    disk = HubDisk("hub-1", tmp_path / "hub-1.db", {7: ear}, log)
    disk.look()
    outbox = Outbox(tmp_path / "hub-1.db")
    try:
        disk.look()
        assert entries == []
        outbox.commit((Count(7, 9, frame),))
        disk.look()
        disk.look()
    finally:
        outbox.close()
    assert entries == [Entry(7, "hub-1", "kept", {"badge": 7, "counter": 9, "event": 3})]


def test_what_is_on_the_desks_disk_is_seen_in_the_order_of_its_audit(tmp_path: Path) -> None:
    log, calls = Log(lambda: 7), list[tuple[str, str]]()
    entries = noted(log)
    disk = DeskDisk(tmp_path / "desk.db", log, on_call=lambda *call: calls.append(call))
    disk.look()
    store = Store(tmp_path / "desk.db")
    report = Report(
        badge=7, event=3, kind=Kind.SOS, phase=Phase.RAISED, counter=9, gateway="hub-1",
        heard_at=rfc3339(0),
    )  # fmt: skip
    store.commit((SaveAlert(sight(report, 0, 0)),))
    disk.look()
    called = SaveAudit(1, "desk", "call", "7-3", "Sam: step 1, round 1")
    store.commit((called, SaveAudit(2, "Sam", "acknowledge", "7-3", "done")))
    disk.look()
    disk.close()
    store.close()
    assert calls == [("Sam", "7-3")]
    told = [(entry.who, entry.what) for entry in entries if entry.what != "audit"]
    assert told == [("desk", "kept"), ("desk", "calls"), ("Sam", "acknowledge")]
    assert entries[0].facts["alert"] == str(Key(7, 3))


def test_a_deaf_hub_hears_nobody_and_a_badge_no_badge() -> None:
    plan, draws = plans.load("clinic"), Draws(1)
    radio = Radio(plan, draws)
    badges = {f"badge-{number}": radio.badge(number) for number in (1, 2)}
    for badge in badges.values():
        badge.place(plan.at("reception desk"), 0.0)
    field = Field(badges, random.Random(1))
    field.settle()
    tries = range(200)
    assert any(field.hears("badge-1", "hub-reception") for _ in tries)
    assert any(field.hears("hub-reception", "badge-1") for _ in tries)
    assert not any(field.hears("badge-1", "badge-2") for _ in tries)
    field.deaf.add("hub-reception")
    assert not any(field.hears("badge-1", "hub-reception") for _ in tries)
    assert not any(field.hears("attacker", "hub-reception") for _ in tries)
    field.deaf.clear()
    field.noise = 1.0
    assert not any(field.hears("badge-1", "hub-reception") for _ in tries)


def test_a_gateways_log_tells_of_links_and_remedies_once(tmp_path: Path) -> None:
    path = tmp_path / "hub-1.log"
    log = GatewayLog(path)
    assert log.new() == []
    link = "level='info' event='broker.link' gateway='hub-1' up=True reason=''\n"
    silent = "level='warning' event='radio.silent' radio='b' silent_s=14 remedy='scan again'\n"
    path.write_text("event='gateway.started'\n" + link + silent[:40])
    assert log.new() == [("broker.link", "True")]
    with path.open("a") as file:
        file.write(silent[40:])
    assert log.new() == [("radio.silent", "scan again")]
    assert log.new() == []


def said_entry(phase: str, event: int = 1, kind: str = "sos") -> Entry:
    return Entry(0, "badge-1", "said", {"kind": kind, "phase": phase, "event": event})


def test_a_run_is_settled_once_every_badge_knows_that_the_desk_has_its_event() -> None:
    settled = Settled()
    assert settled
    for phase, expected in (("raised", False), ("heard", False), ("delivered", True)):
        settled(said_entry(phase))
        assert bool(settled) is expected
    settled(said_entry("raised", 2, "test"))
    assert not settled
    settled(said_entry("idle", 2, "status"))  # it failed, and the hand has felt that
    assert settled


def test_a_bystander_is_told_what_happens_and_not_what_programs_say_to_each_other() -> None:
    lines: list[str] = []
    teller = Teller(lines.append)
    teller(Entry(61_000, "Asha", "holds the button", {"badge": 1}))
    teller(Entry(62_000, "badge-1", "said", {"kind": "sos"}))
    teller(Entry(63_000, "badge-1", "felt", {"began": 0, "like": ("delivered",)}))
    assert lines == ["  1:03  Asha feels delivered"]
