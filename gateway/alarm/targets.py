"""Whom to notify: Apprise URLs, one a line, in a secret file. They hold passwords."""

import logging
import re
from pathlib import Path

import apprise

from gateway.contract.errors import ContractError
from gateway.contract.secret import read_secret
from gateway.errors import ConfigError
from gateway.steps import Words

_KEY = "alarm.targets_file"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


class Target:
    """One place to which notifications go. Known by its line and scheme: its URL is a secret."""

    def __init__(self, line: int, scheme: str, plugin: apprise.NotifyBase) -> None:
        self.line = line
        self.scheme = scheme
        self._plugin = plugin

    def __repr__(self) -> str:
        return f"<Target line {self.line}, {self.scheme}>"

    def send(self, words: Words) -> bool:
        """Send, and wait for the service: seconds. True when it took the notification."""
        try:
            return bool(
                self._plugin.notify(
                    title=words.title, body=words.body, notify_type=apprise.NotifyType.FAILURE
                )
            )
        except Exception:
            # Whatever a service's code makes of an answer: this one was not reached, and its
            # text may hold the URL.
            return False


def read_targets(path: str | Path) -> tuple[Target, ...]:
    """The targets of a file; empty lines and those that begin with # are comments.

    Raises ConfigError naming file and line, and of the URL no more than its scheme.
    """
    try:
        lines = read_secret(_KEY, path).splitlines()
    except ContractError as error:
        raise ConfigError(f"$.{error}") from None
    _keep_quiet()
    targets = tuple(
        _target(path, number, line.strip())
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith("#")
    )
    if not targets:
        raise ConfigError(f"$.{_KEY}: {path}: no target; add an Apprise URL, one a line")
    return targets


def _target(path: str | Path, number: int, url: str) -> Target:
    match = _SCHEME.match(url)
    scheme = match[1].lower() if match else "no scheme"
    plugin = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if not isinstance(plugin, apprise.NotifyBase):
        raise ConfigError(
            f"$.{_KEY}: {path}: line {number} ({scheme}): not a URL that Apprise can use;"
            " try it with: apprise --dry-run"
        )
    return Target(number, scheme, plugin)


def _keep_quiet() -> None:
    # Apprise's own log lines tell hosts, users and what was sent.
    log = logging.getLogger("apprise")
    log.addHandler(logging.NullHandler())
    log.propagate = False
