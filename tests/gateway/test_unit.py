"""The systemd unit: systemd itself finds nothing wrong with it, and it shuts the gateway in."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.errors import ConfigError
from gateway.host.unit import fitted, groups_here, read_unit

MOST_EXPOSED = 2.0
PROGRAM = Path("/usr/bin/true")
CONFIG = Path("/etc/tocsin/gateway.toml")


@pytest.fixture
def analyze() -> str:
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.fail("systemd-analyze is not installed: apt-get install systemd")
    return found


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    file = tmp_path / "tocsin-gateway.service"
    file.write_text(fitted(read_unit(), PROGRAM, CONFIG, groups_here()))
    return file


def lines(unit: Path) -> set[str]:
    return set(unit.read_text().splitlines())


def test_systemd_accepts_the_unit(analyze: str, unit: Path):
    done = subprocess.run(
        [analyze, "verify", "--man=no", unit],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_little_of_the_machine_is_left_in_reach(analyze: str, unit: Path):
    done = subprocess.run(
        [analyze, "security", "--offline=yes", "--no-pager", unit],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= MOST_EXPOSED


def test_the_unit_says_what_the_gateway_relies_on(unit: Path):
    assert lines(unit) >= {
        "Type=notify",
        "Restart=always",
        "WatchdogSec=60",
        "StateDirectory=tocsin",
        f"ExecStart={PROGRAM} run --config {CONFIG}",
    }


def test_bluetooth_dongles_and_the_broker_stay_in_reach(unit: Path):
    assert lines(unit) >= {
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_BLUETOOTH AF_NETLINK",
        "DeviceAllow=char-ttyUSB rw",
        "DeviceAllow=char-ttyACM rw",
    }


def test_a_group_that_this_machine_lacks_does_not_keep_the_service_from_starting():
    text = fitted(read_unit(), PROGRAM, CONFIG, {"dialout", "root"})
    assert "\nSupplementaryGroups=dialout\n" in text


@pytest.mark.parametrize("hidden", ["/home/pi/venv/bin/tocsin-gateway", "/root/x", "/tmp/x"])
def test_a_program_that_the_service_could_not_see_is_refused(hidden: str):
    with pytest.raises(ConfigError, match="install into /opt/tocsin"):
        fitted(read_unit(), Path(hidden), CONFIG, ())


def test_the_command_prints_the_unit_with_this_configuration_or_says_why_it_would_not_start():
    program = Path(sys.executable).with_name("tocsin-gateway")
    hidden = any(program.is_relative_to(place) for place in ("/home", "/root", "/tmp", "/var/tmp"))
    done = subprocess.run(
        [program, "unit", "--config", "/etc/elsewhere.toml"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    unit = f"ExecStart={program} run --config /etc/elsewhere.toml\n"
    assert (unit in done.stdout, "install into /opt/tocsin" in done.stderr) == (not hidden, hidden)
