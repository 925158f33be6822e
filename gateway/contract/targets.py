"""Whom to notify: Apprise URLs, one a line, in a secret file. They hold passwords."""

import logging
import re
from pathlib import Path

import apprise

from gateway.contract.errors import ContractError
from gateway.contract.secret import read_secret
from gateway.contract.words import Words

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


class Target:
    """One place to which notifications go. Known by its line and scheme: its URL is a secret."""

    def __init__(self, line: int, url: str, plugin: apprise.NotifyBase) -> None:
        self.line = line
        self.scheme = _scheme(url)
        self._url = url
        self._plugin = plugin

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Target) and (self.line, self._url) == (other.line, other._url)

    def __hash__(self) -> int:
        return hash((self.line, self._url))

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


def read_targets(key: str, path: str | Path) -> tuple[Target, ...]:
    """The targets of a file; empty lines and those that begin with # are comments.

    key: the configuration's key path. Raises ContractError("secret") naming key,
    file and line, and of the URL no more than its scheme.
    """
    lines = read_secret(key, path).splitlines()
    _keep_quiet()
    targets = tuple(
        _target(key, path, number, line.strip())
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith("#")
    )
    if not targets:
        text = f"{key}: {path}: no target; add an Apprise URL, one a line"
        raise ContractError("secret", text)
    return targets


def _target(key: str, path: str | Path, number: int, url: str) -> Target:
    plugin = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if not isinstance(plugin, apprise.NotifyBase):
        raise ContractError(
            "secret",
            f"{key}: {path}: line {number} ({_scheme(url)}): not a URL that Apprise can use;"
            " try it with: apprise --dry-run",
        )
    return Target(number, url, plugin)


def _scheme(url: str) -> str:
    match = _SCHEME.match(url)
    return match[1].lower() if match else "no scheme"


def _keep_quiet() -> None:
    # Apprise's own log lines tell hosts, users and what was sent.
    log = logging.getLogger("apprise")
    log.addHandler(logging.NullHandler())
    log.propagate = False
