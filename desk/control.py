"""The control socket: supervisors on this machine see alerts and answer them."""

import asyncio
import os
import socket
import stat
import struct
from collections.abc import Callable
from pathlib import Path

import msgspec

from desk.errors import ControlError, DeskError
from desk.lines import MAX_ASK, Told, line, read_ask
from desk.turns import Asked, Look

#: A watcher that reads so little that this many bytes wait for it is let go.
MAX_BACKLOG = 1024 * 1024
_CREDENTIALS = struct.Struct("3i")


class Control:
    """A Unix socket at `path`, for the desk's own user only.

    on_ask: carries a request out and returns the refusals. snapshot: what a
    new watcher is told. on_watchers: how many watch, when that changes.
    ready: set once `run` listens.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        on_ask: Callable[[Asked], tuple[str, ...]],
        snapshot: Callable[[], tuple[Told, ...]],
        on_watchers: Callable[[int], None],
    ) -> None:
        self._path = Path(path)
        self._on_ask = on_ask
        self._snapshot = snapshot
        self._on_watchers = on_watchers
        self._watchers: set[asyncio.StreamWriter] = set()
        self.ready = asyncio.Event()

    @property
    def watchers(self) -> int:
        """How many watch."""
        return len(self._watchers)

    def tell(self, told: Told) -> None:
        """Tell everyone who watches."""
        text = line(told)
        for watcher in self._watchers:
            if watcher.transport.get_write_buffer_size() > MAX_BACKLOG:
                watcher.transport.abort()
            else:
                watcher.write(text)

    async def run(self) -> None:
        """Serve until cancelled. Raises ControlError for a path that cannot be used."""
        listener = _listen(self._path)
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            server = await asyncio.start_unix_server(self._serve, sock=listener, limit=MAX_ASK)
            async with server:
                self.ready.set()
                await self._until_failure()
        finally:
            self._path.unlink(missing_ok=True)

    async def _until_failure(self) -> None:
        try:
            await self._failure
        finally:
            for watcher in self._watchers:
                watcher.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._watchers.add(writer)
        try:
            self._on_ask(Look("*", _peer(writer)))
            self._on_watchers(self.watchers)
            writer.writelines(line(told) for told in self._snapshot())
            await self._listen_to(reader, writer)
        except ConnectionError:
            pass
        except DeskError as error:
            self._fail(error)
        finally:
            self._watchers.discard(writer)
            writer.close()
            self._on_watchers(self.watchers)

    async def _listen_to(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while text := await reader.readline():
                for refusal in self._ask(text):
                    writer.write(line(Told(error=refusal)))
        except ValueError:  # asyncio's word for a line over the limit
            writer.write(line(Told(error=f"line: longer than {MAX_ASK} bytes; good bye")))

    def _ask(self, text: bytes) -> tuple[str, ...]:
        try:
            ask = read_ask(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return (f"request: {error}",)
        return self._on_ask(ask.given())

    def _fail(self, error: DeskError) -> None:
        if not self._failure.done():
            self._failure.set_exception(error)


def _listen(path: Path) -> socket.socket:
    _make_room(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # The mode is right from the moment that the file exists, not from a chmod after it.
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise ControlError(
            f"{path}: cannot listen: {error.strerror or error}; choose another path for control"
        ) from None
    finally:
        os.umask(mask)
    return listener


def _make_room(path: Path) -> None:
    """Remove a socket that a killed desk left behind. Raises ControlError for anything else."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise ControlError(f"{path}: is no socket; choose another path for control")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.connect(str(path))
    except FileNotFoundError:
        return
    except ConnectionRefusedError:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ControlError(f"{path}: {error.strerror or error}; choose another path") from None
    else:
        raise ControlError(f"{path}: another desk runs here; stop it first")


def _peer(writer: asyncio.StreamWriter) -> str:
    """Who is at the other end, for the audit trail."""
    peer: socket.socket = writer.get_extra_info("socket")
    credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return f"uid {_CREDENTIALS.unpack(credentials)[1]}"
