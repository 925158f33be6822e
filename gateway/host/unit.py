"""The systemd unit, with the paths and groups of this machine."""

import grp
from collections.abc import Collection
from pathlib import Path

from gateway.errors import ConfigError

UNIT = "tocsin-gateway.service"
_PROGRAM = "/opt/tocsin/bin/tocsin-gateway"
_CONFIG = "/etc/tocsin/gateway.toml"
_GROUPS = "SupplementaryGroups="
_HIDDEN = ("/home", "/root", "/tmp", "/var/tmp")  # noqa: S108 - those that the unit hides


def read_unit() -> str:
    """The unit as shipped: beside this file in a wheel, in deploy/ in a checkout."""
    shipped = Path(__file__).with_name(UNIT)
    checkout = Path(__file__).parents[2] / "deploy" / "systemd" / UNIT
    return (shipped if shipped.exists() else checkout).read_text(encoding="utf-8")


def fitted(unit: str, program: Path, config: Path, groups: Collection[str]) -> str:
    """The unit for this machine: its program, its configuration, and of the groups those it has.

    A group that does not exist would keep the service from starting. Raises
    ConfigError for a path that the service could not see.
    """
    for path in (program, config):
        if any(path.is_relative_to(hidden) for hidden in _HIDDEN):
            raise ConfigError(
                f"{path}: the service cannot see what lies there; install into /opt/tocsin"
                " (python3 -m venv /opt/tocsin) and configure in /etc/tocsin"
            )
    lines = unit.replace(_PROGRAM, str(program)).replace(_CONFIG, str(config)).splitlines()
    return "".join(f"{_present(line, groups)}\n" for line in lines)


def groups_here() -> frozenset[str]:
    """The names of this machine's groups."""
    return frozenset(group.gr_name for group in grp.getgrall())


def _present(line: str, groups: Collection[str]) -> str:
    if not line.startswith(_GROUPS):
        return line
    wanted = line.removeprefix(_GROUPS).split()
    return _GROUPS + " ".join(name for name in wanted if name in groups)
