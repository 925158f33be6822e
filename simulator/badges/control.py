"""The socket by which another shell tells badges what to do.

A line in, one JSON line out: `{"shown": TEXT, "failed": BOOL}`.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from simulator.badges.hands import Answer, Hands
from simulator.badges.home import Home
from simulator.badges.screen import plain
from simulator.errors import SimulatorError

MAX_LINE = 4096


@asynccontextmanager
async def listening(path: Path, hands: Hands) -> AsyncIterator[None]:
    """Serves the socket, which is its owner's only."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = (await reader.readline()).decode(errors="replace")
            answer = await hands.do(line)
        except ValueError:  # asyncio's word for a line over the limit
            answer = Answer(f"longer than {MAX_LINE} bytes", failed=True)
        told = {"shown": plain(answer.shown), "failed": answer.failed}
        writer.write(json.dumps(told).encode() + b"\n")
        writer.close()

    async with await asyncio.start_unix_server(serve, sock=_bound(path), limit=MAX_LINE):
        yield


def tell(home: Home, line: str) -> tuple[str, bool]:
    """Says a line to the badges that run there: what is to be shown, and whether it failed.

    Raises SimulatorError when none run there.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        try:
            link.connect(str(home.control))
            link.sendall(line.encode() + b"\n")
            with link.makefile() as answers:
                told = json.loads(answers.readline())
        except (OSError, ValueError):
            raise SimulatorError(
                f"{home.directory}: no badges run there; start them:"
                f" tocsin-simulator badges --directory {home.directory}"
            ) from None
    return str(told["shown"]), bool(told["failed"])


def _bound(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # The mode is right from the moment that the file exists, not from a chmod after it.
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(mask)
    return listener
