"""The documents say what the code does: names, numbers, bytes, paths and links."""

import ast
import hashlib
import hmac
import inspect
import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from badge import phases
from desk.config import DeskConfig
from gateway import intake
from gateway.alarm.options import AlarmOptions, LampOptions, SirenOptions
from gateway.config import Config as GatewayConfig
from gateway.config import RadioOptions
from gateway.contract import messages
from gateway.contract.broker import BrokerOptions
from gateway.contract.config import parse_config
from gateway.contract.topics import Topics
from gateway.host.log import LogOptions
from gateway.registry import BadgeKey, FleetKey, Registry
from gateway.reports import to_message
from gateway.status.listen import StatusOptions
from tools import draw_signals
from wire import command, frame

ROOT = Path(__file__).parents[1]
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()
MQTT = (ROOT / "docs" / "mqtt.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SOURCES = [
    path
    for folder in ("firmware", "gateway", "desk", "simulator", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
STRUCTS = [
    struct
    for _, struct in inspect.getmembers(messages, inspect.isclass)
    if issubclass(struct, msgspec.Struct)
    and struct.__module__ == messages.__name__
    and struct is not messages.Message
    and not struct.__name__.startswith("_")
]
BUILDERS = [
    name
    for name, method in inspect.getmembers(Topics, inspect.isfunction)
    if inspect.signature(method).return_annotation is str
]
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def section(page: str, title: str) -> str:
    """The text below a heading, down to the next one of the same level or above."""
    heading = re.search(rf"^(#+) {re.escape(title)}$", page, re.MULTILINE)
    assert heading, f"no section {title}"
    rest = page[heading.end() :]
    # A comment in a block of code looks like a heading, and is none.
    prose = _FENCE.sub(lambda fence: " " * len(fence[0]), rest)
    end = re.search(rf"^#{{1,{len(heading[1])}}} ", prose, re.MULTILINE)
    return rest[: end.start()] if end else rest


def table_rows(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]


def numbered(text: str) -> dict[str, int]:
    """Tables of number and `name`: name to number."""
    return {
        row[1].strip("`"): int(row[0])
        for row in table_rows(text)
        if row[0].isdigit() and row[1].startswith("`")
    }


def anchors(page: str) -> set[str]:
    """The anchors that a forge makes of a page's headings."""
    seen: Counter[str] = Counter()
    found = set()
    for title in re.findall(r"^#+ (.+)$", _FENCE.sub("", page), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


@pytest.mark.parametrize("builder", BUILDERS)
def test_every_topic_is_in_the_contract(builder: str) -> None:
    parameters = list(inspect.signature(getattr(Topics, builder)).parameters)[1:]
    topics = Topics("demo")
    topic = getattr(topics, builder)(*(f"{{{name}}}" for name in parameters))
    rows = table_rows(section(MQTT, "Topics"))
    assert f"`{topic.removeprefix(topics.root)}`" in [row[0] for row in rows]


def test_every_subscription_is_in_the_contract() -> None:
    topics = Topics("demo")
    for pattern in (*topics.for_gateway(), *topics.for_desk()):
        assert f"`{pattern.removeprefix(topics.root)}`" in section(MQTT, "Topics")


@pytest.mark.parametrize("struct", STRUCTS)
def test_every_message_is_in_the_contract_field_by_field(struct: type[msgspec.Struct]) -> None:
    told = table_rows(section(MQTT, f"`{struct.__name__}`"))[2:]
    fields = [field for field in msgspec.structs.fields(struct) if field.name != "v"]
    assert [row[0] for row in told] == [f"`{field.name}`" for field in fields]
    assert [row[2] == "" for row in told] == [field.required for field in fields]
    assert "`v`" in section(MQTT, "Messages")


def test_kinds_phases_and_opcodes_have_their_names_and_numbers_in_the_protocol() -> None:
    kinds = {str(kind): number for number, kind in enumerate(messages.KINDS)}
    phases = {str(phase): number for number, phase in enumerate(messages.PHASES)}
    opcodes = {str(opcode): opcode.number for opcode in messages.OPCODES}
    assert numbered(section(PROTOCOL, "Kinds")) == kinds
    assert numbered(section(PROTOCOL, "Phases")) == phases
    assert numbered(section(PROTOCOL, "Opcodes")) == opcodes


@pytest.mark.parametrize(
    ("module", "prefix", "title"),
    [(frame, "KIND_", "Kinds"), (frame, "PHASE_", "Phases"), (command, "OP_", "Opcodes")],
)
def test_the_bytes_have_the_numbers_of_the_protocol(
    module: object, prefix: str, title: str
) -> None:
    constants = {
        name.removeprefix(prefix).lower(): number
        for name, number in vars(module).items()
        if name.startswith(prefix)
    }
    assert numbered(section(PROTOCOL, title)) == constants


def test_every_reason_of_a_rejection_is_in_the_contract() -> None:
    told = [row[2].strip("`") for row in table_rows(section(PROTOCOL, "Acceptance"))[2:]]
    assert sorted(filter(None, told)) == sorted(intake.REASONS)


def test_the_uuids_are_in_the_protocol() -> None:
    for uuid in (command.SERVICE_UUID, command.COMMAND_UUID, command.REPLY_UUID):
        assert f"`{uuid}`" in section(PROTOCOL, "Command")


def test_the_worked_frame_is_computed_as_the_protocol_says() -> None:
    vectors = json.loads((ROOT / "tests" / "data" / "vectors.json").read_text())
    golden = vectors["frames"][3]
    fleet_key, badge_key = (bytes.fromhex(vectors[name]) for name in ("fleet_key", "badge_key"))
    mask, seal = hkdf(fleet_key, b"tocsin/1 mask"), hkdf(badge_key, b"tocsin/1 seal")
    report = bytes.fromhex(golden["plaintext"])
    head = bytes([0x10 | golden["epoch"]])
    speaker = golden["badge"].to_bytes(2, "little") + golden["counter"].to_bytes(4, "little")
    nonce = head + speaker + bytes(6)
    b0 = b"\x09" + nonce + len(report).to_bytes(2, "big")
    x1, b1 = block(seal, b0), report + bytes(3)
    x2 = block(seal, xor(x1, b1))
    a0, a1 = (b"\x01" + nonce + bytes([0, number]) for number in (0, 1))
    s0, s1 = block(seal, a0), block(seal, a1)
    sealed = xor(report, s1) + xor(x2[:4], s0)
    stream = block(mask, sealed[1:])
    whole = head + xor(speaker, stream) + sealed
    assert sealed == AESCCM(seal, tag_length=4).encrypt(nonce, report, None)
    assert whole.hex() == golden["frame"]
    told = section(PROTOCOL, "Worked example")
    steps = (fleet_key, badge_key, mask, seal, report, nonce, b0, x1, b1, x2, x2[:4], a0, s0)
    more = (a1, s1, sealed[:13], sealed[13:], sealed[1:], stream, speaker, whole[1:7], whole)
    for value in (*steps, *more, frame.to_advertisement(whole)):
        assert f"`{value.hex()}`" in told
    rows = [row for row in table_rows(section(told, "From a press to 31 bytes")) if len(row) == 3]
    assert "".join(row[2].strip("`") for row in rows[2:]) == golden["plaintext"]


def test_the_worked_message_is_what_a_gateway_sends() -> None:
    vectors = json.loads((ROOT / "tests" / "data" / "vectors.json").read_text())
    golden = vectors["frames"][3]
    registry = Registry(
        (FleetKey(golden["epoch"], vectors["fleet_key"]),),
        (BadgeKey(golden["badge"], vectors["badge_key"]),),
    )
    now_ms = golden["report"]["unix_time"] * 1000 + 437
    accepted = intake.Intake(registry).hear(now_ms, bytes.fromhex(golden["frame"]))
    assert isinstance(accepted, intake.Accepted)
    sent = to_message(accepted, "hub-1", now_ms, -71)
    told = section(PROTOCOL, "From 31 bytes to MQTT")
    (example,) = re.findall(r"```json\n(.*?)```", told, re.DOTALL)
    assert json.loads(example) == json.loads(messages.encode(sent))
    assert f"`{Topics('demo').event(sent.badge, sent.event, 'hub-1')}`" in told


def test_the_worked_command_is_computed_as_the_protocol_says() -> None:
    vectors = json.loads((ROOT / "tests" / "data" / "vectors.json").read_text())
    golden = vectors["commands"][2]
    key = hkdf(bytes.fromhex(vectors["badge_key"]), b"tocsin/1 command")
    nonce, head = bytes.fromhex(golden["nonce"]), bytes([0x10 | golden["epoch"]])
    counter = golden["heard_counter"].to_bytes(4, "little")
    event = golden["event_seq"].to_bytes(2, "little")
    plain = counter + event + bytes([golden["opcode"]]) + bytes.fromhex(golden["args"])
    b0 = b"\x59" + nonce + len(plain).to_bytes(2, "big")
    b1, b2 = b"\x00\x01" + head + bytes(13), plain + bytes(8)
    tag = block(key, xor(b2, block(key, xor(b1, block(key, b0)))))[:8]
    s0, s1 = (block(key, b"\x01" + nonce + bytes([0, number])) for number in (0, 1))
    whole = head + nonce + xor(plain, s1) + xor(tag, s0)
    assert whole.hex() == golden["command"]
    told = section(PROTOCOL, "A command")
    for value in (nonce, counter, event, plain, b0, b1, b2, tag, s0, s1, whole):
        assert f"`{value.hex()}`" in told
    assert f"`{xor(plain, s1).hex()}`" in told
    assert f"`{xor(tag, s0).hex()}`" in told
    assert f"`{key.hex()}`" in section(PROTOCOL, "Keys of the example")


def test_the_phases_are_drawn_as_the_badge_has_them() -> None:
    alert, note = re.findall(
        r"```mermaid\nstateDiagram-v2\n(.*?)```", section(ARCHITECTURE, "The badge"), re.DOTALL
    )
    for kind in (frame.KIND_SOS, frame.KIND_MAN_DOWN, frame.KIND_ASSIST):
        assert drawn(alert) == phases.TRANSITIONS[kind]
    assert drawn(note) == phases.TRANSITIONS[frame.KIND_TEST]
    without = {pair: to for pair, to in drawn(note).items() if pair[1] != phases.GIVE_UP}
    for kind in (frame.KIND_CHECK_IN, frame.KIND_CHECK_OUT):
        assert without == phases.TRANSITIONS[kind]


def drawn(diagram: str) -> dict[tuple[int, int], int]:
    """The transitions of a diagram; those out of idle open an event and are in no table."""
    numbers = {str(phase): number for number, phase in enumerate(messages.PHASES)}
    found = {}
    for line in diagram.splitlines():
        edge = re.fullmatch(r" +(\w+) --> (\w+) : (.+)", line)
        if edge and edge[1] != "idle":
            for signal in edge[3].split(", "):
                found[numbers[edge[1]], getattr(phases, signal)] = numbers[edge[2]]
    return found


def test_every_file_that_a_page_names_exists() -> None:
    named = re.findall(r"`([\w./-]+)`", PROTOCOL + MQTT + ARCHITECTURE)
    paths = [name for name in named if re.search(r"^\w+/([\w/]*(\.\w+|/))?$|^pyproject", name)]
    assert "simulator/vm/_bus.py" in paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_folder_of_the_layout_exists() -> None:
    (layout,) = re.findall(r"```\n(firmware/.*?)```", ARCHITECTURE, re.DOTALL)
    folders = [line.split()[0] for line in layout.splitlines()]
    assert all((ROOT / folder).is_dir() for folder in folders)


def test_the_configuration_files_that_are_shown_can_be_used() -> None:
    told = re.findall(r"```toml\n(.*?)```", section(ARCHITECTURE, "Configuration"), re.DOTALL)
    for text, kind in zip(told, (GatewayConfig, Registry, DeskConfig), strict=True):
        everything = re.sub(r"^# (?=\w+ = )", "", text, flags=re.MULTILINE)
        for shown in (text, everything):
            assert parse_config("shown", shown, kind)
        assert sorted(tomllib.loads(everything)) == sorted(kind.__struct_fields__)
    broker = tomllib.loads(re.sub(r"^# (?=\w+ = )", "", told[0], flags=re.MULTILINE))["broker"]
    assert sorted(broker) == sorted(BrokerOptions.__struct_fields__)


def test_every_default_of_a_configuration_is_the_one_that_is_shown() -> None:
    told = section(ARCHITECTURE, "Configuration")
    examples = {"username", "password_file", "adapter"}
    alarm = (AlarmOptions, SirenOptions, LampOptions)
    for kind in (
        GatewayConfig, RadioOptions, BrokerOptions, StatusOptions, LogOptions, DeskConfig, *alarm
    ):  # fmt: skip
        for field in msgspec.structs.fields(kind):
            if isinstance(field.default, str | int | float) and field.name not in examples:
                shown = re.findall(rf"^(?:# )?{field.name} = (\S+)", told, re.MULTILINE)
                assert json.dumps(field.default) in shown


def test_every_setting_of_a_badge_is_shown_with_its_default() -> None:
    # Read, not imported: the module needs MicroPython.
    source = ast.parse((ROOT / "firmware" / "badge" / "store.py").read_text())
    (defaults,) = (
        ast.literal_eval(node.value)
        for node in source.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DEFAULTS"
    )
    rows = table_rows(section(ARCHITECTURE, "Configuration"))[2:]
    assert {row[0].strip("`"): json.loads(row[1].strip("`")) for row in rows} == defaults


def test_every_import_package_is_in_the_layout() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for package in project["tool"]["importlinter"]["root_packages"]:
        assert f"`{package}`" in section(ARCHITECTURE, "Folders and import rules")
    for package in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        assert f"\n{package}/ " in section(ARCHITECTURE, "Folders and import rules")


def test_every_test_that_a_page_names_exists() -> None:
    tests = "\n".join(path.read_text() for path in SOURCES if path.name.startswith("test_"))
    named = re.findall(r"`(test_\w+)`", ARCHITECTURE)
    assert named
    assert [name for name in named if f"def {name}(" not in tests] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(_FENCE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert target.is_relative_to(ROOT), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target.read_text()), f"{page.name}: {link}"


def test_every_section_that_the_code_refers_to_exists() -> None:
    for path in SOURCES:
        for page, title in re.findall(r"(docs/\w+\.md)(?:, (\w+))?", path.read_text()):
            text = (ROOT / page).read_text()
            assert not title or section(text, title), f"{path}: {page}, {title}"


def hkdf(secret: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 of RFC 5869 without salt, one block, 16 bytes."""
    extracted = hmac.digest(bytes(32), secret, hashlib.sha256)
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)[:16]


def block(key: bytes, plain: bytes) -> bytes:
    return Cipher(AES(key), ECB()).encryptor().update(plain)


def xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))


def test_the_pictures_of_the_patterns_are_those_of_the_firmware() -> None:
    for name in draw_signals.SHOWN:
        drawn = (ROOT / "docs" / "signals" / f"{name}.svg").read_text()
        assert drawn == draw_signals.picture(name), "run: python tools/draw_signals.py"
        assert f"signals/{name}.svg" in (ROOT / "docs" / "badge.md").read_text()
