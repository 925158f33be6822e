"""What the gateway says of itself over MQTT: at once what changed, the rest now and then."""

import structlog

from gateway.contract.messages import GatewayState, rfc3339
from gateway.engine import Disk
from gateway.intrusion import Intrusion
from gateway.radio.ears import Ears
from gateway.reception import Reception
from gateway.relay import Relay
from gateway.uplink import Uplink, own_version

EVERY_MS = 30_000


class Bulletin:
    """Gathers the state of a gateway from its parts, and publishes it, retained."""

    def __init__(
        self,
        gateway: str,
        ears: Ears,
        reception: Reception,
        relay: Relay,
        outbox: Disk,
        uplink: Uplink,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        self._gateway = gateway
        self._ears = ears
        self._reception = reception
        self._relay = relay
        self._outbox = outbox
        self._uplink = uplink
        self._log = log
        self._intrusion = Intrusion()
        self._told: tuple[tuple[object, ...], int] = ((), 0)

    @property
    def rejected(self) -> dict[str, int]:
        """What was refused from the air, and over MQTT (`mqtt_`), by reason."""
        mqtt = {f"mqtt_{reason}": times for reason, times in self._uplink.rejected.items()}
        return {**self._reception.rejected, **mqtt}

    def look(self, now_ms: int) -> None:
        """Look for what people should know, about once a second."""
        if bad_tags := self._intrusion.step(now_ms, self._reception.bad_tags):
            self._log.warning("radio.intrusion", bad_tags=bad_tags)
        for number, frames in self._reception.take_set_back().items():
            self._log.warning("button.counts_backwards", button=number, refused=frames)

    def tick(self, now_ms: int) -> None:
        """Tell the state when it changed, or was told some time ago."""
        standing, told_ms = self._told
        if standing != self._standing(now_ms) or abs(now_ms - told_ms) >= EVERY_MS:
            self.tell(now_ms)

    def clock_moved(self, by_ms: int) -> None:
        """The wall clock was set."""
        self._intrusion.moved(by_ms)

    def tell(self, now_ms: int) -> None:
        """Tell the state now."""
        self._told = (self._standing(now_ms), now_ms)
        self._uplink.tell_state(
            GatewayState(
                gateway=self._gateway,
                state=self._ears.state,
                at=rfc3339(now_ms),
                last_advert_age_s=self._ears.badge_age_s,
                outbox_depth=self._relay.depth,
                version=own_version(),
                rejected=self.rejected,
                radios=self._ears.radios(),
                disk=self._outbox.disk,
                dropped=self._relay.dropped,
                warnings=self._warnings(now_ms),
            )
        )

    def _standing(self, now_ms: int) -> tuple[object, ...]:
        """What the desk must hear of at once when it changes."""
        return (self._ears.states, self._outbox.disk, self._warnings(now_ms))

    def _warnings(self, now_ms: int) -> tuple[str, ...]:
        return (*self._intrusion.warnings(now_ms), *self._reception.warnings)
