"""Whom the hub notifies: the targets that its configuration names."""

from pathlib import Path

from gateway.contract import targets
from gateway.contract.errors import ContractError
from gateway.contract.targets import Target
from gateway.errors import ConfigError

_KEY = "alarm.targets_file"


def read_targets(path: str | Path) -> tuple[Target, ...]:
    """The targets of a file.

    Raises ConfigError naming file and line, and of the URL no more than its scheme.
    """
    try:
        return targets.read_targets(_KEY, path)
    except ContractError as error:
        raise ConfigError(f"$.{error}") from None
