"""An MQTT broker inside the simulator, which can be taken away and brought back."""

from __future__ import annotations

from simulator.broker_process import free_port
from simulator.mqtt_repairs import RepairedBroker


class EmbeddedBroker:
    """MQTT 3.1.1 on 127.0.0.1, everyone admitted, everything in memory.

    What it held is gone after `stop`, as on a broker without persistence: the hardest
    case for those who rely on it. port: 0 takes a free one at the first start and
    keeps it.
    """

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._broker: RepairedBroker | None = None

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self._port}"

    @property
    def running(self) -> bool:
        return self._broker is not None

    async def start(self) -> None:
        """Listen; does nothing when running. Raises amqtt's BrokerError when the port is taken."""
        if self._broker is not None:
            return
        self._port = self._port or free_port()
        broker = RepairedBroker(self._port)
        await broker.start()
        self._broker = broker

    async def stop(self) -> None:
        """Cut all clients off at once and forget everything; does nothing when stopped."""
        broker, self._broker = self._broker, None
        if broker is not None:
            await broker.shutdown()
