"""The test bench: badges with their wearers on one air, and what carries them to gateways."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from amqtt.errors import BrokerError

from gateway.contract.messages import Kind, Phase
from gateway.registry import FleetKey
from simulator.air import Air
from simulator.badges.bluez import HostRadio
from simulator.badges.field import Field
from simulator.badges.home import SIMULATED_HUB, Home
from simulator.badges.worn import Worn
from simulator.broker import EmbeddedBroker
from simulator.chain import check_broker
from simulator.dongle import VirtualDongle
from simulator.ear import Ear
from simulator.errors import SimulatorError
from simulator.flashed import flashed
from simulator.fleet import Fleet
from simulator.hci_socket import serve_controller
from simulator.processes import Program
from simulator.usb_badge import UsbBadge

STARTING_AT_ONCE = 2  # more only make each other slow
START_S = 60.0


@dataclass(frozen=True)
class BenchOptions:
    """loss: share of radio packets that get lost however near; broker_url: None for one here.

    dongle, vhci, gateway: by what the badges are heard: a dongle on a serial port, this machine's
    BlueZ, a gateway of the simulator.
    """

    fleet: str = "simulated"
    count: int = 3
    loss: float = 0.1
    seed: int | None = None
    broker_url: str | None = None
    dongle: bool = True
    vhci: bool = False
    gateway: bool = False


class Bench:
    """Use as an async context manager; everything is up when the block begins.

    tell: takes a line for the tester, with its style. on_started: called with how many badges
    have started.
    """

    def __init__(
        self,
        home: Home,
        options: BenchOptions,
        *,
        tell: Callable[[str, str], None] = lambda _text, _style: None,
        on_started: Callable[[int], None] = lambda _count: None,
    ) -> None:
        self.home = home
        self.options = options
        self.broker_url = options.broker_url or ""
        self.adapter = ""
        self.worn: dict[int, Worn] = {}
        self._tell = tell
        self._on_started = on_started
        self._rng = random.Random(options.seed)  # noqa: S311 - a simulation's, a seed repeats it
        names = [f"badge-{number}" for number in range(1, options.count + 1)]
        self.field = Field(names, self._rng)
        self.air = Air(options.loss, self._rng, signal=self.field.hears)
        self.air.on_heard = self._heard
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Bench:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _start(self) -> None:
        options = self.options
        await self._find_broker()
        fleet, fleet_keys = self.home.fleet(options.fleet, options.count, self._rng)
        self.home.write_desk(fleet, self.broker_url)
        if options.dongle:
            await self._plug_in_dongle()
        if options.vhci:
            await self._show_to_bluez()
        if options.dongle or self.adapter:
            self.home.write_gateway(fleet, self.broker_url, self.adapter, options.dongle)
        elif not options.gateway:
            raise SimulatorError("nothing hears the badges: leave out --no-dongle")
        if options.gateway:
            await self._start_gateway(fleet)
        await self._start_badges(fleet, fleet_keys)

    async def _find_broker(self) -> None:
        if self.broker_url:
            await check_broker(self.broker_url)
            return
        broker = EmbeddedBroker(self.home.broker_port())
        try:
            await broker.start()
        except BrokerError as error:
            raise SimulatorError(
                f"the broker does not start: {error}; name one: --broker"
            ) from None
        self._stack.push_async_callback(broker.stop)
        self.broker_url = broker.url

    async def _plug_in_dongle(self) -> None:
        dongle = VirtualDongle(self.air, self.home.boards / "dongle", "dongle")
        self._stack.callback(dongle.close)
        await dongle.power_on()
        self.home.dongle.symlink_to(dongle.port)

    async def _show_to_bluez(self) -> None:
        radio = HostRadio(self.air)
        try:
            await radio.open()
        except SimulatorError as error:
            self._tell(f"not before BlueZ: {error}", "yellow")
            return
        self._stack.push_async_callback(radio.close)
        self.adapter = radio.name

    async def _start_gateway(self, fleet: Fleet) -> None:
        boards = self.home.boards
        config, hci, clock = (boards / f"{SIMULATED_HUB}.{end}" for end in ("toml", "hci", "clock"))
        fleet.write_gateway(config, SIMULATED_HUB, self.home.registry, self.broker_url)
        clock.write_text("0")
        radio = await serve_controller(self.air, hci, SIMULATED_HUB)
        self._stack.push_async_callback(radio.close)
        arguments = ["-m", "simulator.badges.hub", str(config), str(hci), str(clock)]
        gateway = Program(SIMULATED_HUB, boards / f"{SIMULATED_HUB}.log", arguments, leashed=True)
        self._stack.push_async_callback(gateway.kill)
        await gateway.start()

    async def _start_badges(self, fleet: Fleet, fleet_keys: Sequence[FleetKey]) -> None:
        firmware = await asyncio.to_thread(flashed)
        for number in fleet.badges:
            self.home.flash(fleet, fleet_keys[0].epoch, number, firmware)
            ears = [Ear(bytes.fromhex(key.key), fleet.badges[number]) for key in fleet_keys]
            self.worn[number] = self._dress(number, fleet.wearer(number), ears)
            self._stack.callback(self.worn[number].close)
        few = asyncio.Semaphore(STARTING_AT_ONCE)
        await asyncio.gather(*(self._switch_on(worn, few) for worn in self.worn.values()))

    def _dress(self, number: int, wearer: str, ears: Sequence[Ear]) -> Worn:
        return Worn(
            number,
            wearer,
            lambda sentences, on_said: UsbBadge(
                self.air,
                self.home.files(number),
                f"badge-{number}",
                self.home.port(number),
                unique_id=f"02{number:010x}",
                sentences=sentences,
                on_said=on_said,
                rng=self._rng,
            ),
            ears=ears,
            tell=self._tell,
            rng=self._rng,
        )

    async def _switch_on(self, worn: Worn, few: asyncio.Semaphore) -> None:
        async with few:
            worn.power_on()
            if not await until(worn, lambda: worn.report is not None, START_S):
                raise SimulatorError(
                    f"badge {worn.number} does not start: see what it says on {worn.badge.port}"
                )
        self._on_started(sum(each.report is not None for each in self.worn.values()))

    def _heard(self, sender: str, _receiver: str, _advertisement: bytes) -> None:
        kind, _, number = sender.partition("-")
        if kind == "badge" and int(number) in self.worn:
            self.worn[int(number)].heard_s = asyncio.get_running_loop().time()


async def until(worn: Worn, condition: Callable[[], bool], timeout_s: float) -> bool:
    """Waits until a badge is so; False when it took too long."""
    try:
        async with asyncio.timeout(timeout_s):
            while not condition():
                worn.changed.clear()
                await worn.changed.wait()
    except TimeoutError:
        return False
    return True


async def until_it_says(worn: Worn, phase: Phase, timeout_s: float) -> bool:
    """Waits until a badge's latest event has come so far, or is over; False when it took long."""
    if phase is Phase.IDLE:
        return await until(worn, lambda: worn.saying.kind is Kind.STATUS, timeout_s)
    return await until(worn, lambda: phase in worn.phases, timeout_s)
