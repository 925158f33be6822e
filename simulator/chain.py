"""The whole chain in real time: badges, air, gateways, broker and desk, all of them real."""

import asyncio
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desk.client import ControlClient
from desk.lines import Told
from gateway.contract.broker import BrokerOptions, addresses
from gateway.contract.errors import ContractError
from gateway.status.listen import Listen
from simulator.air import Air, Signal, near
from simulator.badge import Burst, VirtualBadge
from simulator.badge_files import BadgeFiles
from simulator.broker import EmbeddedBroker
from simulator.broker_process import free_port
from simulator.bthome_button import BthomeButton, VirtualButton
from simulator.errors import SimulatorError
from simulator.fleet import make_fleet
from simulator.hci_socket import ControllerSocket, serve_controller
from simulator.nursery import Nursery
from simulator.processes import Program
from simulator.proxy import Proxy

START_S = 30.0


@dataclass(frozen=True)
class ChainOptions:
    """loss: share of packets lost on the air; broker_url: None starts one in this process.

    badge: entries of the badges' config.json (see badge.store); drills: numbers of those that
    are in a drill. buttons: of another maker, on walls; their numbers follow those of the
    badges. hubs: names of the gateways, where they are not hub-1 and so on; wearers: names, in
    the order of the badges. desk: more of desk.toml; desk_program: what runs with that file as
    its last argument. networks: whether each program reaches the broker through a network of its
    own, which can fail. nursery: what the programs are forked from; None starts each of them
    from nothing.
    """

    loss: float = 0.3
    badges: int = 1
    gateways: int = 1
    buttons: int = 0
    broker_url: str | None = None
    seed: int | None = None
    signal: Signal = near
    badge: dict[str, Any] = field(default_factory=dict)
    drills: tuple[int, ...] = ()
    hubs: tuple[str, ...] = ()
    wearers: tuple[str, ...] = ()
    desk: str = ""
    desk_program: tuple[str, ...] = ("-m", "desk", "run", "--config")
    networks: bool = False
    nursery: Nursery | None = None


class Chain:
    """Use as an async context manager; every part is up when the block begins.

    directory: where configuration, databases, flash images and logs go. Its path
    must be short: Unix sockets are made in it.
    """

    def __init__(
        self,
        directory: Path,
        options: ChainOptions,
        *,
        on_said: Callable[[int, tuple[str, ...]], None] | None = None,
        receivers: Callable[[int], Iterator[Burst]] | None = None,
    ) -> None:
        self.directory = directory
        self.options = options
        rng = random.Random(options.seed)  # noqa: S311 - a simulation's, which a seed repeats
        self.fleet = make_fleet("demo", options.badges, rng, options.buttons, options.wearers)
        self.air = Air(options.loss, rng, signal=options.signal)
        self.broker = EmbeddedBroker() if options.broker_url is None else None
        self.badges: dict[int, VirtualBadge] = {}
        self.buttons: dict[int, VirtualButton] = {}
        self.gateways: dict[str, Program] = {}
        self.status_pages: dict[str, Listen] = {}
        self.networks: dict[str, Proxy] = {}
        self.desk = Program(
            "desk",
            directory / "desk.log",
            [*options.desk_program, str(directory / "desk.toml")],
            nursery=options.nursery,
        )
        self._sockets: list[ControllerSocket] = []
        for number, key in self.fleet.badges.items():
            self._make_badge(number, key, rng, on_said, receivers)

    @property
    def control(self) -> Path:
        """The desk's control socket."""
        return self.directory / "desk.sock"

    @property
    def broker_url(self) -> str:
        return self.options.broker_url or (self.broker.url if self.broker else "")

    def move_clock(self, gateway: str, by_ms: int) -> None:
        """Set a hub's clock off by so much from now on, once it runs and after restarts."""
        clock = self._clock(gateway)
        moved = clock.with_suffix(".moved")
        moved.write_text(str(by_ms))
        moved.replace(clock)  # never half written: the gateway reads it all the time

    async def __aenter__(self) -> "Chain":
        try:
            await self._start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Everything off."""
        for badge in self.badges.values():
            badge.close()
        for button in self.buttons.values():
            button.close()
        for program in (*self.gateways.values(), self.desk):
            await program.kill()
        for socket in self._sockets:
            await socket.close()
        for network in self.networks.values():
            await network.stop()
        if self.broker is not None:
            await self.broker.stop()

    def _make_badge(
        self,
        number: int,
        key: bytes,
        rng: random.Random,
        on_said: Callable[[int, tuple[str, ...]], None] | None,
        receivers: Callable[[int], Iterator[Burst]] | None,
    ) -> None:
        files = BadgeFiles(self.directory / f"badge-{number}")
        drill = number in self.options.drills
        files.make(number, 0, self.fleet.fleet_key, key, **self.options.badge, drill=drill)
        self.badges[number] = VirtualBadge(
            self.air,
            files,
            f"badge-{number}",
            receiver=None if receivers is None else receivers(number),
            on_said=None if on_said is None else lambda words: on_said(number, words),
            rng=rng,
        )

    async def _start(self) -> None:
        if self.broker is not None:
            await self.broker.start()
        else:
            await check_broker(self.broker_url)
        self.fleet.write_registry(self.directory / "registry.toml")
        url = await self._way_to_broker("desk")
        self.fleet.write_desk(self.directory / "desk.toml", url, self.options.desk)
        numbered = tuple(f"hub-{at}" for at in range(1, self.options.gateways + 1))
        for name in self.options.hubs or numbered:
            await self._make_gateway(name)
        await asyncio.gather(self.desk.start(), *(g.start() for g in self.gateways.values()))
        for badge in self.badges.values():
            badge.power_on()
        for number, entry in self.fleet.buttons.items():
            frames = BthomeButton(entry.address, bytes.fromhex(entry.key))
            self.buttons[number] = VirtualButton(self.air, f"button-{number}", frames)
        await self._until_up()

    async def _make_gateway(self, name: str) -> None:
        config, hci = self.directory / f"{name}.toml", self.directory / f"{name}.hci"
        listen = self.status_pages[name] = Listen("127.0.0.1", free_port())
        registry = self.directory / "registry.toml"
        url = await self._way_to_broker(name)
        self.fleet.write_gateway(config, name, registry, url, f"{listen.host}:{listen.port}")
        self.move_clock(name, 0)
        self._sockets.append(await serve_controller(self.air, hci, name))
        self.gateways[name] = Program(
            name,
            self.directory / f"{name}.log",
            ["-m", "simulator.gateway_process", str(config), str(hci), str(self._clock(name))],
            nursery=self.options.nursery,
        )

    async def _way_to_broker(self, program: str) -> str:
        """The URL by which a program reaches the broker."""
        if not self.options.networks:
            return self.broker_url
        (address,) = addresses(BrokerOptions(url=self.broker_url))
        network = self.networks[program] = Proxy(address.host, address.port)
        await network.start()
        return network.url

    def _clock(self, gateway: str) -> Path:
        return self.directory / f"{gateway}.clock"

    async def _until_up(self) -> None:
        """Until the desk has seen every gateway online."""
        up = asyncio.Event()

        def take(told: Told) -> None:
            if told.desk is not None and told.desk.broker:
                online = {g.gateway for g in told.desk.gateways if g.state != "offline"}
                if online >= set(self.gateways):
                    up.set()

        client = ControlClient(self.control, on_told=take, on_link=lambda _up, _reason: None)
        watching = asyncio.create_task(client.run())
        try:
            await asyncio.wait_for(up.wait(), START_S)
        except TimeoutError:
            raise SimulatorError(self._why_not_up()) from None
        finally:
            watching.cancel()

    def _why_not_up(self) -> str:
        programs = (self.desk, *self.gateways.values())
        words = [f"{p.name}: {p.last_words()}" for p in programs]
        return f"the chain did not start within {START_S:.0f} s; " + "; ".join(words)


async def check_broker(url: str) -> None:
    """Raises SimulatorError when nobody listens at a broker's address."""
    try:
        (address,) = addresses(BrokerOptions(url=url))
        _, writer = await asyncio.open_connection(address.host, address.port)
    except ContractError as error:
        raise SimulatorError(f"--broker {url}: {error}") from None
    except OSError as error:
        known = error.errno is not None and error.errno > 0
        reason = os.strerror(error.errno or 0) if known else error
        raise SimulatorError(f"--broker {url}: {reason}; start it first") from None
    writer.close()
    await writer.wait_closed()
