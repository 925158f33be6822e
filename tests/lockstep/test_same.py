"""The same story and seed give the same log: in the VM and as cores, twice, and in any process."""

import os
import subprocess
import sys

import pytest

from simulator import plans
from simulator.lockstep.log import Digest
from simulator.lockstep.run import run
from simulator.scenario.draw import drawn
from simulator.scenario.story import Chance, DeskTable, Story
from simulator.scenario.verbs import FAULTS

#: A flash of cores has fewer writes to cut, and they have neither heap nor accelerometer. Of a
#: commit that the power fails in, SQLite may have all; memory has nothing.
ONLY_IN_THE_VM = (
    "has power cut in a write", "has memory full", "has a worn flash", "loses power"
)  # fmt: skip


def storm(plan: str) -> Story:
    """Twenty minutes in which much happens that both kinds of badge can suffer."""
    return Story(
        name="same",
        plan=plan,
        length="20 min",
        crowd=2,
        chance=Chance(8.0, 3.0, 30.0, tuple(k for k in FAULTS if k not in ONLY_IN_THE_VM)),
        desk=DeskTable(visit="6 min", grace="1 min"),
    )


def log_of(story: Story, seed: int, *, vm: bool) -> tuple[list[str], str]:
    lines: list[str] = []
    digest = Digest()
    plan = plans.load(story.plan)
    whole = drawn(story, plan, seed)
    broken = run(
        whole, plan, seed, vm=vm, disks=vm, listeners=[digest, lambda e: lines.append(e.line())]
    )
    assert broken == []
    return lines, digest.hex()


@pytest.mark.parametrize(
    ("plan", "seed"), [("clinic", 1), ("street", 2), ("old_town", 3), ("farmhouse", 4)]
)
def test_firmware_in_the_vm_with_databases_and_cores_in_memory_give_the_same_log(
    plan: str, seed: int
) -> None:
    story = storm(plan)
    vm, of_vm = log_of(story, seed, vm=True)
    cores, of_cores = log_of(story, seed, vm=False)
    differs = next((pair for pair in zip(vm, cores, strict=False) if pair[0] != pair[1]), None)
    assert differs is None
    assert of_vm == of_cores
    assert any('"said"' in line and '"raised"' in line for line in vm)  # something happened


@pytest.mark.parametrize("cores", [["--cores"], []])
def test_another_process_with_another_hash_seed_gives_the_same_log(cores: list[str]) -> None:
    fingerprints = set()
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "simulator", "run", "two-presses-at-once", *cores],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "COLUMNS": "100"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        fingerprints.add(done.stdout.split("fingerprint ")[1].strip())
    assert len(fingerprints) == 1


def test_another_seed_gives_another_log() -> None:
    story = storm("clinic")
    assert log_of(story, 5, vm=False)[1] != log_of(story, 6, vm=False)[1]
