"""Running a program of the host, and not waiting for it for ever."""

import asyncio
from contextlib import suppress

COMMAND_S = 5.0


async def output_of(*command: str, timeout_s: float = COMMAND_S) -> tuple[str, str]:
    """What it said, and why it could not be asked ("": it could)."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        return "", f"{command[0]}: {error.strerror}"
    try:
        async with asyncio.timeout(timeout_s):
            said, complained = await process.communicate()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        return "", f"{command[0]}: no answer in {timeout_s:g} s"
    if process.returncode:
        return "", _first_line(complained) or f"{command[0]}: exit code {process.returncode}"
    return said.decode(errors="replace").strip(), ""


def _first_line(text: bytes) -> str:
    lines = text.decode(errors="replace").strip().splitlines()
    return lines[0] if lines else ""
