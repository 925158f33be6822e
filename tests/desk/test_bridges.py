"""What Home Assistant and OwnTracks are told, in the formats that they document."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import jinja2
import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.bridges import Bridges, HomeAssistantOptions, OwnTracksOptions, Post
from gateway.contract.messages import (
    AlertRecord,
    DeskState,
    GatewayState,
    Kind,
    Phase,
    Position,
    encode,
    rfc3339,
)
from gateway.contract.topics import Topics

TOPICS = Topics("demo")
NOW_MS = 1_800_000_000_000
SCHEMA = json.loads(
    (Path(__file__).parents[1] / "data" / "homeassistant" / "discovery.json").read_text()
)
POSITION = Position(latitude=53.48, longitude=-2.24, age_s=10, accuracy_m=8)
WEARERS = {1: "Asha Nair", 2: "Ben O."}


@pytest.fixture
def bridges() -> Callable[..., Bridges]:
    def make(*, home: bool = True, tracks: bool = True) -> Bridges:
        return Bridges(
            TOPICS,
            WEARERS,
            HomeAssistantOptions(enabled=home),
            OwnTracksOptions(enabled=tracks),
            "0.1.0",
        )

    return make


def record(**changes: object) -> AlertRecord:
    fields: dict[str, object] = {
        "alert": "1-2",
        "badge": 1,
        "event": 2,
        "kind": Kind.SOS,
        "phase": Phase.DELIVERED,
        "wearer": "Asha Nair",
        "raised_at": rfc3339(NOW_MS - 5000),
        "updated_at": rfc3339(NOW_MS),
        "position": POSITION,
        "position_at": rfc3339(NOW_MS - 2000),
        "battery": 71,
    }
    return AlertRecord(**(fields | changes))  # type: ignore[arg-type]


class Home:
    """Home Assistant as far as its documentation says what it does with these messages."""

    def __init__(self, posts: Iterable[Post]) -> None:
        self.entities: dict[str, dict[str, str]] = {}
        self.states: dict[str, str] = {}
        self._templates = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)
        self.take(posts)

    def take(self, posts: Iterable[Post]) -> None:
        for post in posts:
            prefix, *place = post.topic.split("/")
            if prefix == "homeassistant":
                component, node, name, last = place
                assert last == "config"
                assert post.retained
                entity = f"{node.removeprefix('tocsin-demo-')} {name}"
                self.entities[entity] = self._checked(component, post.payload)
            elif not post.topic.startswith("owntracks/"):
                self.states[post.topic] = post.payload.decode()

    def shows(self, entity: str) -> str:
        config = self.entities[entity]
        return self._render(config["value_template"], self.states[config["state_topic"]])

    def attributes(self, entity: str) -> dict[str, object]:
        config = self.entities[entity]
        template = config["json_attributes_template"]
        shown = json.loads(self._render(template, self.states[config["json_attributes_topic"]]))
        assert isinstance(shown, dict)
        return shown

    def available(self, entity: str) -> bool:
        config = self.entities[entity]
        told = self.states.get(config["availability_topic"])
        return told is not None and self._render(config["availability_template"], told) == "online"

    def _checked(self, component: str, payload: bytes) -> dict[str, str]:
        config = json.loads(payload)
        jsonschema.validate(config, {**SCHEMA, "$ref": f"#/$defs/{component}"})
        assert isinstance(config, dict)
        return config

    def _render(self, template: str, state: str) -> str:
        return self._templates.from_string(template).render(value_json=json.loads(state))


def test_every_badge_appears_with_safety_battery_and_position(
    bridges: Callable[..., Bridges],
) -> None:
    posts = bridges().connected(NOW_MS, ())
    configs = [post for post in posts if post.topic.startswith("homeassistant/")]
    assert len({post.topic for post in configs}) == len(configs) == 3 * len(WEARERS)
    home = Home(posts)
    assert len(home.entities) == len(configs)
    for badge in ("badge-1", "badge-2"):
        assert home.shows(f"{badge} safety") == "OFF"
        assert home.attributes(f"{badge} position") == {}


def test_an_alert_is_unsafe_until_it_is_resolved_and_a_position_is_there_only_meanwhile(
    bridges: Callable[..., Bridges],
) -> None:
    bridge = bridges()
    home = Home(bridge.connected(NOW_MS, ()))
    for phase in (Phase.DELIVERED, Phase.ACKNOWLEDGED):
        home.take(bridge.changed(NOW_MS, record(phase=phase)))
        assert home.shows("badge-1 safety") == "ON"
        assert home.shows("badge-2 safety") == "OFF"
        where = {"latitude": 53.48, "longitude": -2.24, "gps_accuracy": 8}
        assert home.attributes("badge-1 position") == where
    home.take(bridge.changed(NOW_MS, record(phase=Phase.RESOLVED)))
    assert home.shows("badge-1 safety") == "OFF"
    assert home.attributes("badge-1 position") == {}
    assert "53.48" not in home.states[TOPICS.safety(1)]


def test_attributes_of_safety_hold_no_position_for_a_history_to_keep(
    bridges: Callable[..., Bridges],
) -> None:
    bridge = bridges()
    home = Home((*bridge.connected(NOW_MS, ()), *bridge.changed(NOW_MS, record(badge=2))))
    attributes = home.attributes("badge-2 safety")
    assert attributes["kind"] == "sos"
    assert attributes["covert"] is False
    assert "53.48" not in json.dumps(attributes)


def test_without_the_desk_nobody_is_shown_as_safe(bridges: Callable[..., Bridges]) -> None:
    home = Home(bridges().connected(NOW_MS, ()))
    assert not home.available("badge-1 safety")
    for state in ("online", "offline"):
        told = DeskState(state=state, at=rfc3339(NOW_MS))  # type: ignore[arg-type]
        home.states[TOPICS.desk_state()] = encode(told).decode()
        assert home.available("badge-1 safety") == (state == "online")
        assert home.available("badge-1 position") == (state == "online")


@pytest.mark.parametrize(
    ("state", "shown"), [("online", "ON"), ("deaf", "OFF"), ("offline", "OFF")]
)
def test_a_gateway_is_connected_only_while_it_hears(
    bridges: Callable[..., Bridges], state: str, shown: str
) -> None:
    bridge = bridges()
    home = Home(bridge.met(["hub-1"]))
    told = GatewayState(gateway="hub-1", state=state, at=rfc3339(NOW_MS))  # type: ignore[arg-type]
    home.states[TOPICS.gateway_state("hub-1")] = encode(told).decode()
    assert home.shows("gateway-hub-1 connectivity") == shown
    assert bridge.met(["hub-1"]) == ()
    bridge.connected(NOW_MS, ())
    assert bridge.met(["hub-1"]) != ()


@given(
    alerts=st.lists(
        st.builds(
            record,
            alert=st.sampled_from(["1-2", "1-3", "1-4"]),
            kind=st.sampled_from(Kind),
            phase=st.sampled_from(Phase),
            position=st.none() | st.just(POSITION),
            overdue_at=st.none() | st.just(rfc3339(NOW_MS)),
        ),
        max_size=8,
    )
)
def test_a_wearer_is_safe_exactly_while_no_alert_that_calls_is_open(
    alerts: list[AlertRecord],
) -> None:
    bridge = Bridges(
        TOPICS, WEARERS, HomeAssistantOptions(enabled=True), OwnTracksOptions(enabled=True), "0"
    )
    latest: dict[str, AlertRecord] = {}
    told = {"safe": True}
    for alert in alerts:
        latest[alert.alert] = alert
        for post in bridge.changed(NOW_MS, alert):
            if post.topic == TOPICS.safety(1):
                told = json.loads(post.payload)
    calling = ("sos", "man_down", "assist", "going_off", "status")
    open_now = ("raised", "heard", "delivered", "acknowledged")
    assert told["safe"] == (
        not any(
            (one.kind in calling or one.overdue_at) and one.phase in open_now
            for one in latest.values()
        )
    )


def test_positions_of_an_open_alert_go_to_owntracks_once_each_and_are_not_retained(
    bridges: Callable[..., Bridges],
) -> None:
    bridge = bridges(home=False)
    (post,) = bridge.changed(NOW_MS, record())
    assert post.topic == "owntracks/demo/badge-1"
    assert not post.retained
    assert json.loads(post.payload) == {
        "_type": "location",
        "lat": 53.48,
        "lon": -2.24,
        "acc": 8,
        "batt": 71,
        "tid": "01",
        "tst": NOW_MS // 1000 - 12,
    }
    assert bridge.changed(NOW_MS, record(phase=Phase.ACKNOWLEDGED)) == ()
    moved = msgspec.structs.replace(POSITION, latitude=53.49)
    assert len(bridge.changed(NOW_MS, record(position=moved))) == 1
    assert bridge.changed(NOW_MS, record(phase=Phase.RESOLVED)) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"position": None, "position_at": None},
        {"kind": Kind.TEST},
        {"kind": Kind.CHECK_IN},
        {"phase": Phase.PENDING},
        {"phase": Phase.CANCELLED},
    ],
)
def test_nothing_but_an_open_alert_tells_owntracks_a_position(
    bridges: Callable[..., Bridges], changes: dict[str, object]
) -> None:
    assert bridges(home=False).changed(NOW_MS, record(**changes)) == ()


def test_nobody_is_told_anything_who_was_not_asked_for(bridges: Callable[..., Bridges]) -> None:
    bridge = bridges(home=False, tracks=False)
    posts = (*bridge.connected(NOW_MS, [record()]), *bridge.changed(NOW_MS, record()))
    assert posts == ()
    assert bridge.met(["hub-1"]) == ()
