"""Home Assistant's MQTT discovery: what makes badges and gateways appear there by themselves.

Formats: https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery and the
pages of the integrations binary_sensor.mqtt, sensor.mqtt and device_tracker.mqtt.
One message an entity, which every version of Home Assistant takes. Their states
are the fleet's own messages: nothing is said twice.
"""

from collections.abc import Mapping

import msgspec

from desk.bridges.post import Post
from gateway.contract.topics import Topics

Entity = Mapping[str, object]
_UNSAFE = "{{ 'OFF' if value_json.safe else 'ON' }}"
# Without the position: Home Assistant would keep it in the history of the sensor.
_ALERT = (
    "{{ {'alert': value_json.alert, 'kind': value_json.kind, 'phase': value_json.phase,"
    " 'since': value_json.since, 'holder': value_json.holder, 'covert': value_json.covert,"
    " 'drill': value_json.drill} | tojson }}"
)
_POSITION = (
    "{% set at = value_json.position %}"
    "{{ ({'latitude': at.latitude, 'longitude': at.longitude,"
    " 'gps_accuracy': at.accuracy_m or 0} if at else {}) | tojson }}"
)
_ONLINE = "{{ 'ON' if value_json.state == 'online' else 'OFF' }}"


def badge(prefix: str, topics: Topics, number: int, wearer: str, version: str) -> tuple[Post, ...]:
    """A badge: safety (on: unsafe), battery, and its position while an alert is open."""
    node = f"tocsin-{topics.fleet}-badge-{number}"
    device = {
        "identifiers": [node],
        "name": wearer,
        "manufacturer": "Tocsin",
        "model": "Badge",
        "serial_number": str(number),
    }
    safety = topics.safety(number)
    entities: dict[tuple[str, str], Entity] = {
        ("binary_sensor", "safety"): {
            "name": "Safety",
            "device_class": "safety",
            "state_topic": safety,
            "value_template": _UNSAFE,
            "json_attributes_topic": safety,
            "json_attributes_template": _ALERT,
            **_while_the_desk_is_there(topics),
        },
        ("device_tracker", "position"): {
            "name": "Position",
            "source_type": "gps",
            "json_attributes_topic": safety,
            "json_attributes_template": _POSITION,
            **_while_the_desk_is_there(topics),
        },
        ("sensor", "battery"): {
            "name": "Battery",
            "device_class": "battery",
            "state_class": "measurement",
            "unit_of_measurement": "%",
            "entity_category": "diagnostic",
            "state_topic": topics.status(number),
            "value_template": "{{ value_json.battery }}",
        },
    }
    return _posts(prefix, node, device, entities, version)


def gateway(prefix: str, topics: Topics, name: str, version: str) -> tuple[Post, ...]:
    """A gateway: connectivity, which is off while it is deaf too."""
    node = f"tocsin-{topics.fleet}-gateway-{name}"
    device = {
        "identifiers": [node],
        "name": f"Gateway {name}",
        "manufacturer": "Tocsin",
        "model": "Gateway",
    }
    state = topics.gateway_state(name)
    entities: dict[tuple[str, str], Entity] = {
        ("binary_sensor", "connectivity"): {
            "name": "Connectivity",
            "device_class": "connectivity",
            "entity_category": "diagnostic",
            "state_topic": state,
            "value_template": _ONLINE,
        }
    }
    return _posts(prefix, node, device, entities, version)


def _while_the_desk_is_there(topics: Topics) -> Entity:
    # A desk that has gone knows of no alert: "safe" would be false comfort.
    return {
        "availability_topic": topics.desk_state(),
        "availability_template": "{{ value_json.state }}",
    }


def _posts(
    prefix: str,
    node: str,
    device: Entity,
    entities: Mapping[tuple[str, str], Entity],
    version: str,
) -> tuple[Post, ...]:
    return tuple(
        Post(
            f"{prefix}/{component}/{node}/{name}/config",
            msgspec.json.encode(
                {
                    **entity,
                    "unique_id": f"{node}-{name}",
                    "device": device,
                    "origin": {"name": "Tocsin", "sw_version": version},
                }
            ),
            retained=True,
        )
        for (component, name), entity in entities.items()
    )
