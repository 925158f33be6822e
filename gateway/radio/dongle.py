"""One serial dongle: what it says goes to the listener, commands go to it and come back done."""

import asyncio
from collections.abc import Callable

from gateway.errors import RadioError
from gateway.radio import Advert, Listener, RadioCondition
from gateway.radio.advertisement import for_gateway
from wire import link

WRITE_S = 8.0  # the dongle itself gives up after 7 s
_MAX_ADDRESSES = 1024
_MAX_REQUEST = 0xFFFF
_FAILED = {
    link.NO_REPLY: "no reply",
    link.BUSY: "the dongle has too many writes to do",
    link.NOT_CONNECTED: "not reached",
    link.LOST: "the connection broke",
    link.REFUSED: "refused: no badge",
    link.TOO_SLOW: "too slow",
}


class Dongle:
    """A dongle on an open line. send: takes bytes for the line, raises RadioError.

    Any bytes may come from the line. spoke: it is a dongle; greeted: it relays our company;
    alive: set by its word every 5 s, cleared by who waits for it.
    """

    def __init__(
        self, name: str, company: int, listener: Listener, send: Callable[[bytes], None]
    ) -> None:
        self.name = name
        self._send = send
        self.spoke = asyncio.Event()
        self.greeted = asyncio.Event()
        self.alive = asyncio.Event()
        self._company = company
        self._listener = listener
        self._receiver = link.Receiver()
        self._told_damaged = (0, 0)
        self._types: dict[str, int] = {}
        self._request = 0
        self._results: dict[int, asyncio.Future[link.WriteResult]] = {}

    def greet(self) -> None:
        """Say hello, which tells it whose advertisements to relay. Raises RadioError."""
        self._send(link.Hello(link.LINK_VERSION, self._company, "gateway").frame())

    def take(self, chunk: bytes) -> None:
        """Bytes from the line."""
        for message in self._receiver.feed(chunk):
            self.spoke.set()
            match message:
                case link.Hello():
                    self._hello(message)
                case link.Advert():
                    self._advert(message)
                case link.Health():
                    self._health(message)
                case link.WriteResult():
                    self._result(message)

    async def write(self, address: str, command: bytes) -> bytes:
        """Have a command written; the badge's reply. Raises RadioError."""
        if address not in self._types:
            raise RadioError(f"write to {address}: not heard by {self.name} of late")
        self._request = (self._request + 1) & _MAX_REQUEST
        request = self._request
        octets = bytes.fromhex(address.replace(":", ""))
        result = asyncio.get_running_loop().create_future()
        self._results[request] = result
        try:
            async with asyncio.timeout(WRITE_S):
                self._send(link.Write(octets, self._types[address], request, command).frame())
                answer: link.WriteResult = await result
        except TimeoutError:
            raise RadioError(f"write to {address}: {self.name} does not answer") from None
        finally:
            del self._results[request]
        if answer.status != link.REPLIED:
            reason = _FAILED.get(answer.status, f"status {answer.status}")
            raise RadioError(f"write to {address} by {self.name}: {reason}")
        return answer.reply

    def _hello(self, hello: link.Hello) -> None:
        if hello.company == self._company:
            self.greeted.set()
        elif self.greeted.is_set():  # it was started again, and has forgotten
            self._try_to_greet()

    def _try_to_greet(self) -> None:
        try:
            self.greet()
        except RadioError as error:
            self._listener.condition(self.name, RadioCondition("failed", str(error)))

    def _advert(self, heard: link.Advert) -> None:
        frame, button = for_gateway(heard.payload, self._company)
        if not frame and not button:
            self._listener.ambient(self.name)
            return
        address = heard.address.hex(":").upper()
        self._types.pop(address, None)
        self._types[address] = heard.address_type
        if len(self._types) > _MAX_ADDRESSES:
            del self._types[next(iter(self._types))]
        self._listener.advert(Advert(address, heard.rssi, frame, button, self.name))

    def _health(self, health: link.Health) -> None:
        self.alive.set()
        if health.adverts or health.foreign:
            self._listener.ambient(self.name)
        damaged = (self._receiver.damaged, health.damaged)
        if damaged != self._told_damaged:
            self._told_damaged = damaged
            here, there = damaged
            reason = f"damaged frames on the line: {here} from the dongle, {there} to it"
            self._listener.condition(self.name, RadioCondition("scanning", reason))

    def _result(self, answer: link.WriteResult) -> None:
        waiting = self._results.get(answer.request)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)


class DongleConnection:
    """A badge within the dongle's reach; the dongle itself connects for each write."""

    def __init__(self, dongle: Dongle, address: str, on_reply: Callable[[bytes], None]) -> None:
        self._dongle = dongle
        self._address = address
        self._on_reply = on_reply
        self._open = True

    @property
    def connected(self) -> bool:
        """Whether commands can be written."""
        return self._open

    async def write(self, command: bytes) -> None:
        """Write a command; its reply is there when this returns. Raises RadioError."""
        if not self._open:
            raise RadioError(f"write to {self._address}: connection closed")
        try:
            self._on_reply(await self._dongle.write(self._address, command))
        except RadioError:
            self._open = False  # another radio may do better
            raise

    async def close(self) -> None:
        """Nothing to let go of: the dongle disconnects by itself."""
        self._open = False
