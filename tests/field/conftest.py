"""A gateway and its badge, a fleet, and brokers behind a network that can fail."""

from tests.gateway.conftest import registry, speaker

__all__ = ["registry", "speaker"]
