"""Where the desk's calls go: a web server to which Apprise posts, a path for each contact."""

from collections.abc import Collection
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from simulator.broker_process import free_port
from simulator.fleet import quoted
from simulator.scenario.duration import milliseconds
from simulator.scenario.story import DeskTable, Story

_NO_ANSWER = 503


class Telephones:
    """contacts: all of them; off: whose telephone is off, so that a call fails."""

    def __init__(self, contacts: Collection[str], off: Collection[str]) -> None:
        self._port = free_port()
        self._contacts = frozenset(contacts)
        self._off = frozenset(off)
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Takes calls from now on."""
        app = web.Application()
        app.router.add_post("/{contact}", self._ring)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()

    async def stop(self) -> None:
        """Takes no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    def url(self, contact: str) -> str:
        """As Apprise has it."""
        return f"json://127.0.0.1:{self._port}/{quote(contact, safe='')}"

    async def _ring(self, request: web.Request) -> web.Response:
        contact = request.match_info["contact"]
        if contact not in self._contacts or contact in self._off:
            return web.Response(status=_NO_ANSWER)
        return web.Response()


def write_desk_tables(story: Story, telephones: Telephones, folder: Path) -> str:
    """The rest of desk.toml that a story asks for; writes the files of addresses into folder."""
    table = story.desk
    text = (
        f"\n[visits]\nminutes = {max(1, milliseconds(table.visit) // 60_000)}\n"
        f"grace_s = {milliseconds(table.grace) // 1_000}\n"
        f"\n[silence]\nheartbeat_s = {heartbeat_s(story)}\n"
        f"heartbeat_off_s = {max(heartbeat_s(story), 600)}\n"
    )
    for at, contact in enumerate(table.contacts, 1):
        file = folder / f"contact-{at}.urls"
        file.touch(0o600)
        file.write_text(telephones.url(contact.name) + "\n")
        text += f"\n[[contacts]]\nname = {quoted(contact.name)}\nurls_file = {quoted(file.name)}\n"
    return text + _steps(table)


def heartbeat_s(story: Story) -> int:
    """Seconds between heartbeats on duty."""
    return max(1, milliseconds(story.heartbeat) // 1_000)


def _steps(table: DeskTable) -> str:
    wait_s = max(1, milliseconds(table.wait) // 1_000)
    return "".join(
        f"\n[[escalation.steps]]\ncontacts = [{quoted(contact.name)}]\nwait_s = {wait_s}\n"
        for contact in table.contacts
    )
