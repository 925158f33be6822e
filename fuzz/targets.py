"""What is fuzzed: each target takes any bytes, and raises only when a promise is broken.

The rule: bytes from outside are taken, or refused with the one error of their
package, which is counted. Any other exception is a finding. Where a cipher
stands before a parser, the target seals the bytes first: no fuzzer guesses a tag.
"""

from collections.abc import Callable

from badge.nmea import Nmea
from desk.alert import Key
from desk.alerts import Alerts
from desk.config import DeskConfig
from desk.core import Core, Setting
from desk.ingest import read
from desk.turns import Confirmed, Reported
from desk.turns import Tick as DeskTick
from gateway.buttons import Buttons
from gateway.config import Config
from gateway.contract.config import parse_config
from gateway.contract.errors import ContractError
from gateway.contract.messages import Phase, decode
from gateway.contract.messages import Report as ReportMessage
from gateway.contract.session import Received
from gateway.contract.topics import Topics
from gateway.intake import Accepted, Intake
from gateway.keys import block_cipher, command_key, mask_key, seal_key
from gateway.ordered import read_command, to_command
from gateway.registry import BadgeKey, ButtonKey, FleetKey, Registry
from gateway.relay import Relay
from gateway.reports import is_event
from gateway.steps import Commit, Effect, Heard, Ordered, Put, Restored, Tick
from simulator.bthome_button import BthomeButton
from wire import WireError
from wire.command import open_command, seal_command
from wire.frame import FRAME_LENGTH, REPORT_LENGTH
from wire.link import Receiver
from wire.seal import ccm_seal, seal_frame

Target = Callable[[bytes], None]

NOW_MS = 1_800_000_000_000
NUMBER = 7
TOPICS = Topics("demo")
FLEET_KEY = bytes(range(16))
BADGE_KEY = bytes(range(16, 32))
BUTTON = ButtonKey(number=12, address="54:48:E6:8F:80:A5", key=BADGE_KEY.hex(), place="Room 2")
REGISTRY = Registry(
    fleet_keys=(FleetKey(epoch=3, key=FLEET_KEY.hex()),),
    badges=(BadgeKey(number=NUMBER, key=BADGE_KEY.hex()),),
)


def advert(told: bytes) -> None:
    """Manufacturer data as heard: taken or counted; nobody forges a tag of four bytes by luck."""
    intake = Intake(REGISTRY)
    taken = intake.hear(NOW_MS, told)
    assert (taken is None) == (sum(intake.rejected.values()) == 1)


def button(told: bytes) -> None:
    """Service data as heard from a button's address, as it is and as the inside of a frame."""
    buttons = Buttons((BUTTON,))
    for payload in (told, BthomeButton(BUTTON.address, bytes.fromhex(BUTTON.key)).seal(told)):
        buttons.hear(NOW_MS, BUTTON.address, payload)


def report(told: bytes) -> None:
    """Reports of a badge, well sealed: every event of them ends as an alert at the desk."""
    intake = Intake(REGISTRY)
    relay = Relay("hub-1", TOPICS, (NUMBER,), Restored())
    alerts = Alerts({NUMBER: "Asha"})
    for counter, start in enumerate(range(0, len(told), REPORT_LENGTH), 1):
        plain = told[start : start + REPORT_LENGTH].ljust(REPORT_LENGTH, b"\0")
        heard = intake.hear(NOW_MS, _sealed(counter, plain))
        if not isinstance(heard, Accepted):
            continue
        for effect in relay.step(NOW_MS, Heard(heard, "00:11:22:33:44:55", -60)):
            _deliver(alerts, effect)
        if is_event(heard.report):
            key = str(Key(NUMBER, heard.report.event))
            assert key in {record.alert for record in alerts.records}


def command(told: bytes) -> None:
    """Commands, well sealed: what opens is what was sealed, anything else is a WireError."""
    cipher = block_cipher(command_key(BADGE_KEY))
    nonce = bytes(13)
    head = bytes([0x13])
    try:
        opened = open_command(cipher, head + nonce + ccm_seal(cipher, nonce, told[:64], head, 8))
    except WireError:
        return
    again = open_command(cipher, seal_command(cipher, 3, nonce, opened))
    assert again == opened


def dongle(told: bytes) -> None:
    """A serial line, in pieces: nothing but messages and counts comes out of it."""
    whole, pieces = Receiver(), Receiver()
    found = whole.feed(told)
    split = [message for octet in told for message in pieces.feed(bytes([octet]))]
    assert [message.frame() for message in found] == [message.frame() for message in split]
    assert whole.damaged == pieces.damaged


def to_gateway(told: bytes) -> None:
    """A message that a gateway is sent: topic, line end, payload."""
    topic, payload = _message(told)
    try:
        message = read_command(TOPICS, topic, payload)
    except ContractError:
        return
    to_command(message, 1, NOW_MS)
    relay = Relay("hub-1", TOPICS, (NUMBER,), Restored())
    relay.step(NOW_MS, Ordered(message))
    relay.step(NOW_MS + 60_000, Tick())


def to_desk(told: bytes) -> None:
    """A message that the desk is sent: topic, line end, payload."""
    topic, payload = _message(told)
    try:
        inputs = read(TOPICS, Received(topic, payload, False, None))
    except ContractError:
        return
    if isinstance(inputs, Reported | Confirmed):
        alerts = Core(Setting({NUMBER: "Asha"}))
        alerts.step(NOW_MS, inputs)
        for days in (1, 2):
            alerts.step(NOW_MS + days * 86_400_000, DeskTick())
        assert all(record.phase is not Phase.ACKNOWLEDGED for record in alerts.records)


def config(told: bytes) -> None:
    """A configuration file, of each kind."""
    text = told.decode("utf-8", "replace")
    for kind in (Config, DeskConfig, Registry):
        try:
            parse_config("file.toml", text, kind)
        except ContractError as error:
            assert "\n" not in str(error)


def nmea(told: bytes) -> None:
    """A receiver's line, in pieces: the same fixes as in one."""
    assert _fixes(told, len(told) or 1) == _fixes(told, 7)


def _fixes(told: bytes, size: int) -> list[tuple[object, ...]]:
    fixes: list[tuple[object, ...]] = []

    def take(parser: Nmea) -> None:
        assert abs(parser.latitude_udeg) <= 90_000_000
        assert abs(parser.longitude_udeg) <= 180_000_000
        fixes.append((parser.latitude_udeg, parser.longitude_udeg, parser.unix_s()))

    parser = Nmea(take)
    for start in range(0, len(told), size):
        parser.feed(told[start : start + size])
    return fixes


def _sealed(counter: int, plain: bytes) -> bytes:
    seal, mask = block_cipher(seal_key(BADGE_KEY)), block_cipher(mask_key(FLEET_KEY))
    frame = seal_frame(mask, seal, 3, NUMBER, counter, plain)
    assert len(frame) == FRAME_LENGTH
    return frame


def _deliver(alerts: Alerts, effect: Effect) -> None:
    if not isinstance(effect, Commit):
        return
    for change in effect.changes:
        if isinstance(change, Put):
            topic, payload = change.row.topic, change.row.payload
            decode(ReportMessage, topic, payload)
            told = read(TOPICS, Received(topic, payload, False, None))
            assert isinstance(told, Reported)
            alerts.step(NOW_MS, told)


def _message(told: bytes) -> tuple[str, bytes]:
    topic, _, payload = told.partition(b"\n")
    return TOPICS.root + topic.decode("utf-8", "replace"), payload


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (advert, button, report, command, dongle, to_gateway, to_desk, config, nmea)
}
