"""Carries commands to badges over the radio; what to write and when is the relay's."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from gateway.errors import RadioError
from gateway.radio import Connection, Radio
from gateway.steps import Replied, WriteCommand, WriteFailed
from wire import WireError
from wire.command import REPLY_BIT, Command, open_command, seal_command
from wire.seal import NONCE_LENGTH

if TYPE_CHECKING:
    from wire import BlockCipher

CONNECT_S = 5.0
REPLY_S = 2.0
CLOSE_S = 2.0

Answer = Callable[[Replied | WriteFailed], None]


class Downlink:
    """One line a badge: connected on demand, kept until let go, one write at a time.

    ciphers: the block function under each badge's command key. nonce: gives so
    many random bytes. Every `write` is answered exactly once through `answer`.
    """

    def __init__(
        self,
        radio: Radio,
        ciphers: Mapping[int, "BlockCipher"],
        epoch: int,
        *,
        nonce: Callable[[int], bytes],
        answer: Answer,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        self._radio = radio
        self._ciphers = ciphers
        self._epoch = epoch
        self._nonce = nonce
        self._answer = answer
        self._log = log
        self._lines: dict[int, _Line] = {}
        self._tasks: asyncio.TaskGroup | None = None
        # Adapters set up one connection at a time and refuse a second attempt.
        self._dialling = asyncio.Lock()

    async def run(self) -> None:
        """Carry writes out until cancelled, then let go of every badge."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                await asyncio.get_running_loop().create_future()
        finally:
            self._tasks = None
            for line in self._lines.values():
                await line.close()

    def renew(self, ciphers: Mapping[int, "BlockCipher"], epoch: int) -> None:
        """Take the keys of another registry; connections stay, and speak with their badge's."""
        self._ciphers, self._epoch = ciphers, epoch
        for badge, line in self._lines.items():
            line.cipher = ciphers.get(badge, line.cipher)

    def write(self, order: WriteCommand) -> None:
        """Write a command, over the connection that is there or a new one."""
        if self._tasks is None:
            self._answer(WriteFailed(order.badge))
        else:
            self._tasks.create_task(self._carry(order))

    def disconnect(self, badge: int) -> None:
        """Let go of a badge."""
        line = self._lines.pop(badge, None)
        if line is not None and self._tasks is not None:
            self._tasks.create_task(line.close())

    async def _carry(self, order: WriteCommand) -> None:
        line = self._line_to(order.badge)
        if line is None:
            self._log.info(
                "command.failed", badge=order.badge, error="not in the registry any more"
            )
            self._answer(WriteFailed(order.badge))
            return
        sealed = seal_command(line.cipher, self._epoch, self._nonce(NONCE_LENGTH), order.command)
        try:
            await self._connect(line, order.address)
            reply = await line.exchange(sealed, order.command)
        except (RadioError, TimeoutError) as error:
            self._log.info("command.failed", badge=order.badge, error=str(error) or "timed out")
            await line.close()
            self._answer(WriteFailed(order.badge))
        else:
            self._answer(Replied(order.badge, reply))

    def _line_to(self, badge: int) -> "_Line | None":
        if badge not in self._lines and badge in self._ciphers:
            self._lines[badge] = _Line(self._ciphers[badge])
        return self._lines.get(badge)

    async def _connect(self, line: "_Line", address: str) -> None:
        if line.connected:
            return
        async with self._dialling, asyncio.timeout(CONNECT_S):
            line.connection = await self._radio.connect(address, line.heard)


class _Line:
    """A badge's connection, and the reply that is awaited on it."""

    def __init__(self, cipher: "BlockCipher") -> None:
        self.cipher = cipher
        self.connection: Connection | None = None
        self._command: Command | None = None
        self._reply: asyncio.Future[Command] | None = None

    @property
    def connected(self) -> bool:
        return self.connection is not None and self.connection.connected

    async def exchange(self, sealed: bytes, command: Command) -> Command:
        """Write, and wait for the badge's own reply. Raises RadioError or TimeoutError."""
        if self.connection is None:
            raise RadioError("connection closed")
        self._command = command
        self._reply = asyncio.get_running_loop().create_future()
        await self.connection.write(sealed)
        async with asyncio.timeout(REPLY_S):
            return await self._reply

    def heard(self, sealed: bytes) -> None:
        """A reply from the air: taken when it is sealed by the badge and answers our command."""
        if self._command is None or self._reply is None or self._reply.done():
            return
        try:
            reply = open_command(self.cipher, sealed)
        except WireError:
            return
        if answers(reply, self._command):
            self._reply.set_result(reply)

    async def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            with suppress(TimeoutError):  # a stack that hangs must not hold the next try up
                async with asyncio.timeout(CLOSE_S):
                    await connection.close()


def answers(reply: Command, command: Command) -> bool:
    """Whether a badge's reply is the one to this command."""
    # A counter below the command's would be an old reply, recorded and played again.
    return (
        reply.opcode == command.opcode | REPLY_BIT
        and reply.event == command.event
        and reply.counter >= command.counter
    )
