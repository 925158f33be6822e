"""A run that is shown: entries from their source, played back into the scene and the promises."""

from collections.abc import Callable, Sequence

from simulator.lockstep.log import Entry
from simulator.promises import Broken, Promises
from simulator.watch.playback import Playback
from simulator.watch.scene import Scene
from simulator.watch.source import Source

_AT_ONCE = 4_000


class Reel:
    """promises: None where nobody knows the story; then nothing is checked. names: of wearers, in
    the order of their badges."""

    def __init__(
        self,
        source: Source,
        playback: Playback,
        promises: Promises | None,
        names: Sequence[str] = (),
    ) -> None:
        self.playback = playback
        self.scene = Scene(names=names)
        self._source = source
        self._promises = promises
        self._listeners: list[Callable[[Entry], None]] = [self.scene]
        if promises is not None:
            self._listeners.append(promises)

    @property
    def broken(self) -> list[Broken] | None:
        """Promises that were broken up to now; None where none is checked."""
        return None if self._promises is None else self._promises.broken

    def listen(self, listener: Callable[[Entry], None]) -> None:
        """Tells every entry from now on, when it is shown."""
        self._listeners.append(listener)

    def turn(self, real_s: float) -> None:
        """So much real time has passed. Raises what went wrong at the source."""
        self._fetch()
        for entry in self.playback.advance(real_s):
            for listener in self._listeners:
                listener(entry)

    def _fetch(self) -> None:
        if self.playback.complete or not self.playback.hungry:
            return
        for entry in self._source.take(_AT_ONCE):
            self.playback.push(entry)
        if self._source.complete:
            self.playback.end()
