"""The gateway with what stands beside it: status pages, and the word to the service manager.

Nothing beside the gateway can end it or hold it up.
"""

import asyncio
import signal
from collections.abc import Coroutine

import structlog

from gateway.app import Gateway
from gateway.host.supervisor import Supervisor
from gateway.status.endpoint import Endpoint
from gateway.status.listen import StatusOptions, listen_address
from gateway.status.snapshot import Snapshot


async def until_stopped(gateway: Gateway, options: StatusOptions) -> None:
    """Run a gateway until SIGINT or SIGTERM. Raises what ends it before."""
    loop = asyncio.get_running_loop()
    running = asyncio.ensure_future(serve(gateway, options))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    await asyncio.wait((running,))
    if not running.cancelled():
        running.result()


async def serve(gateway: Gateway, options: StatusOptions) -> None:
    """Run a gateway until cancelled, or until it cannot go on; then its error is raised."""
    log = structlog.get_logger()
    supervisor = Supervisor(gateway.ailing, lambda: summary(gateway.snapshot()), log=log)
    beside = [_spared("supervisor", supervisor.run(), log)]
    listen = listen_address(options)
    if listen is not None:
        endpoint = Endpoint(listen, gateway.snapshot, log=log)
        beside.append(_spared("status", endpoint.run(), log))
    tasks = [asyncio.ensure_future(part) for part in beside]
    try:
        await gateway.run()
    finally:
        supervisor.stopping()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def summary(snapshot: Snapshot) -> str:
    """A snapshot in one line, for `systemctl status`."""
    if snapshot.ailments:
        return "; ".join(f"{ill.name}: {ill.text}" for ill in snapshot.ailments)
    return (
        f"{len(snapshot.badges)} badges heard, {snapshot.outbox.depth} messages wait,"
        f" broker {'up' if snapshot.link.up else 'away'}"
    )


async def _spared(
    name: str, part: Coroutine[object, object, None], log: structlog.typing.FilteringBoundLogger
) -> None:
    try:
        await part
    except Exception as error:
        log.exception("service.part_failed", part=name, error=str(error))
