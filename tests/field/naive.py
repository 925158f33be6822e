"""Small honest versions of what others do: each does its job as long as nothing fails."""

import asyncio
from typing import NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from gateway.contract.messages import Kind, Report

WAIT_S = 20
PRESS_TOPIC = "naive/press"


class Message(NamedTuple):
    topic: str
    payload: bytes
    retained: bool


class Client:
    """paho as its examples use it: a thread of its own, and a session in its own memory.

    lasting: whether the broker keeps the subscriptions while this client is away.
    """

    def __init__(self, port: int, name: str, topic: str = "", *, lasting: bool = False) -> None:
        self.messages: asyncio.Queue[Message] = asyncio.Queue()
        self._pubacks: asyncio.Queue[int] = asyncio.Queue()
        self._ready = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._topic = topic
        self._paho = paho.Client(CallbackAPIVersion.VERSION2, name, clean_session=not lasting)
        self._paho.on_connect = self._connected
        self._paho.on_subscribe = lambda *_: self._tell(self._ready.set)
        self._paho.on_message = self._arrived
        self._paho.on_publish = lambda _, __, mid, *___: self._tell(self._pubacks.put_nowait, mid)
        self._paho.reconnect_delay_set(1, 1)
        self._paho.connect_async("127.0.0.1", port)
        self._paho.loop_start()

    async def up(self) -> "Client":
        """Connected and subscribed."""
        async with asyncio.timeout(WAIT_S):
            await self._ready.wait()
        return self

    def publish(
        self, payload: bytes, *, topic: str = PRESS_TOPIC, qos: int = 1, retain: bool = False
    ) -> paho.MQTTMessageInfo:
        return self._paho.publish(topic, payload, qos, retain)

    async def puback(self) -> None:
        async with asyncio.timeout(WAIT_S):
            await self._pubacks.get()

    async def message(self) -> Message:
        async with asyncio.timeout(WAIT_S):
            return await self.messages.get()

    def end(self) -> None:
        """Say goodbye."""
        self._paho.disconnect()
        self._paho.loop_stop()

    def die(self) -> None:
        """As a process dies: no goodbye, and all that it remembered is gone."""
        socket = self._paho.socket()
        self._paho.loop_stop()
        if socket is not None:
            socket.close()

    def _connected(self, *_: object) -> None:
        if self._topic:
            self._paho.subscribe(self._topic, qos=1)
        else:
            self._tell(self._ready.set)

    def _arrived(self, _: object, __: object, message: paho.MQTTMessage) -> None:
        got = Message(message.topic, message.payload, message.retain)
        self._tell(self.messages.put_nowait, got)

    def _tell(self, what: object, *arguments: object) -> None:
        self._loop.call_soon_threadsafe(what, *arguments)


class Bell:
    """A desk that rings with every message that says "pressed"."""

    def __init__(self) -> None:
        self.rings = 0

    def take(self, _: Report) -> None:
        self.rings += 1


class Switch:
    """A desk that shows a button's last word, and rings when it changes to another."""

    def __init__(self) -> None:
        self.rings = 0
        self._shown: Kind | None = None

    def take(self, report: Report) -> None:
        self.rings += self._shown != report.kind
        self._shown = report.kind


class Tracker:
    """A tracker that marks one of its messages as the alarm; the others tell where it is."""

    def __init__(self) -> None:
        self._pressed = False

    def press(self) -> None:
        self._pressed = True

    def message(self) -> dict[str, str]:
        alarm, self._pressed = self._pressed, False
        return {"position": "51.5,-0.1", **({"alarm": "sos"} if alarm else {})}


class Buzzer:
    """A badge that tells its wearer "sent" once it has sent; words: what its radio did."""

    def __init__(self) -> None:
        self.felt = ""

    def take(self, words: tuple[str, ...]) -> None:
        if words[0] == "adv":
            self.felt = "sent"
