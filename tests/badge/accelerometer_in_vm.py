"""The driver on MicroPython before a simulated part: `accelerometer_in_vm.py STAND_INS SCENE ...`.

Each scene prints what its test asks for. Time is the script's own: waiting moves it.
"""

import gc
import sys

ADDRESS = 0x18


class Line:
    """In the place of the simulator's line."""

    lockstep = True

    def __init__(self):
        self.now_ms = 0
        self.until_ms = 0
        self.plans = []  # (when, words)

    def send(self, *words):
        pass

    def stamp(self):
        pass

    def wait(self, ms):
        self.now_ms += max(ms, 0)
        while self.plans and self.plans[0][0] <= self.now_ms:
            words = self.plans.pop(0)[1].split(" ")
            TAKERS[words[0]](words)
        if self.now_ms >= self.until_ms:
            sys.exit(0)


sys.path.insert(0, sys.argv[1])

import _bus  # noqa: E402

line = _bus.bus = Line()

import asyncio  # noqa: E402

import machine  # noqa: E402
import micropython  # noqa: E402

from badge.accelerometer import Accelerometer, AccelerometerError, ManDown  # noqa: E402
from badge.motion import Motion  # noqa: E402

TAKERS = {
    "i2c": machine.sim_i2c,
    "reg": machine.sim_reg,
    "accel": machine.sim_accel,
    "accels": machine.sim_accels,
}
i2c = machine.I2C(0)


def say(*words):
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")


def fit(part):
    machine.sim_i2c(["i2c", "18", part])


def started(part):
    fit(part)
    accelerometer = Accelerometer(i2c, ADDRESS)
    accelerometer.start()
    accelerometer.read()  # from here the part counts its time
    return accelerometer


def content(path):
    with open(path) as file:
        return file.read()


def read(part, path):
    """All samples of the file queued, read every 400 ms."""
    samples = content(path)
    accelerometer = started(part)
    machine.sim_accels(["accels", samples])
    for _ in range(len(samples) // 12 // 20):
        line.now_ms += 400
        count = accelerometer.read()
        for at in range(count):
            say(*accelerometer.samples[3 * at : 3 * at + 3])


def late(part, path):
    """One read after much more than the FIFO holds."""
    samples = content(path)
    accelerometer = started(part)
    machine.sim_accels(["accels", samples])
    line.now_ms += len(samples) // 12 * 20
    count = accelerometer.read()
    say(count, *accelerometer.samples[3 * count - 3 : 3 * count])
    say(accelerometer.read())


def heap(part):
    """Bytes that a read takes: with the heap locked, none can be."""
    accelerometer = started(part)
    line.now_ms += 400
    gc.collect()
    micropython.heap_lock()
    count = accelerometer.read()
    micropython.heap_unlock()
    say(count)


def missing():
    try:
        Accelerometer(i2c, ADDRESS)
    except AccelerometerError as error:
        say(error)


def stranger(part):
    fit(part)
    machine.I2C._devices[ADDRESS].hold(0x0F, 0x68)
    missing()


def check(part, push_mg):
    accelerometer = started(part)
    machine.I2C._devices[ADDRESS].push_mg = int(push_mg)
    line.until_ms = 1 << 40
    say(asyncio.run(accelerometer.check()))
    line.now_ms += 400
    say(accelerometer.read(), *accelerometer.samples[:3])


def wake(part, *forces):
    """Sleeps with 250 mg; each force is x in mg, felt for a second."""
    accelerometer = started(part)
    line.until_ms = 1 << 40
    accelerometer.sleep_until_moved()
    line.now_ms += 1000
    for force in forces:
        machine.sim_accel(["accel", force, "0", "1000"])
        line.now_ms += 1000
        say(accelerometer.has_moved())
    accelerometer.start()
    accelerometer.read()
    line.now_ms += 400
    say(accelerometer.read())


def watch(seconds, path):
    """The task at work; in the file, when (ms) each line comes from the simulator."""
    line.until_ms = int(seconds) * 1000
    for plan in content(path).splitlines():
        when, words = plan.split(" ", 1)
        line.plans.append((int(when), words))
    task = ManDown(
        i2c,
        ADDRESS,
        Motion(),
        lambda event: say(line.now_ms, "event", event),
        lambda fault: say(line.now_ms, "fault", fault),
    )
    asyncio.run(task.run())


def rest(part, force):
    """The task has run for a while and rests; then a force of x mg is felt."""
    task = ManDown(i2c, ADDRESS, Motion(), say, say)
    say(task.rest())
    fit(part)

    async def work_and_rest():
        running = asyncio.create_task(task.run())
        await asyncio.sleep_ms(1000)
        say(task.rest())
        running.cancel()

    line.until_ms = 1 << 40
    asyncio.run(work_and_rest())
    machine.sim_accel(["accel", force, "0", "1000"])
    line.now_ms += 1000
    say(Accelerometer(i2c, ADDRESS).has_moved())


SCENES = {
    "rest": rest,
    "read": read,
    "late": late,
    "heap": heap,
    "missing": missing,
    "stranger": stranger,
    "check": check,
    "wake": wake,
    "watch": watch,
}
SCENES[sys.argv[2]](*sys.argv[3:])
