"""Who may stay connected (docs/protocol.md, Command): told of peers, says whom to drop.

A peer that sends no valid command in time is dropped; after three such peers
within a minute the badge is connectable only one second in ten. Pure.
"""

PATIENCE_MS = 3_000
IDLE_MS = 60_000  # a proven peer that says nothing for so long makes room for another
FLOOD_PEERS = 3
FLOOD_WINDOW_MS = 60_000
OPEN_MS = 1_000
CYCLE_MS = 10_000

FOREVER = 1 << 62


class Peers:
    """The connections of one badge."""

    def __init__(self) -> None:
        self._drop_at: "dict[int, int]" = {}
        self._proven: "list[int]" = []
        self._mute_at: "list[int]" = []  # when mute peers were dropped, oldest first

    def connected(self, now_ms: int, peer: int) -> None:
        self._drop_at[peer] = now_ms + PATIENCE_MS

    def proven(self, now_ms: int, peer: int) -> None:
        """The peer sent a valid command."""
        if peer in self._drop_at:
            self._drop_at[peer] = now_ms + IDLE_MS
            if peer not in self._proven:
                self._proven.append(peer)

    def disconnected(self, now_ms: int, peer: int) -> None:
        if self._drop_at.pop(peer, None) is None:
            return
        if peer in self._proven:
            self._proven.remove(peer)
        else:
            self._mute_at = self._mute_at[1 - FLOOD_PEERS :] + [now_ms]

    def any(self) -> bool:
        return bool(self._drop_at)

    def overdue(self, now_ms: int) -> "list[int]":
        """The peers to disconnect now; named again later should they still be there."""
        late = [peer for peer, at in self._drop_at.items() if now_ms >= at]
        for peer in late:
            self._drop_at[peer] = now_ms + PATIENCE_MS
        return late

    def flooded(self, now_ms: int) -> bool:
        return len(self._mute_at) == FLOOD_PEERS and now_ms - self._mute_at[0] < FLOOD_WINDOW_MS

    def connectable(self, now_ms: int) -> bool:
        """Whether a new peer may connect now: one at a time, and rarely during a flood."""
        if self._drop_at:
            return False
        return not self.flooded(now_ms) or now_ms % CYCLE_MS < OPEN_MS

    def deadline(self, now_ms: int) -> int:
        """When overdue or connectable change by themselves."""
        at = min(self._drop_at.values()) if self._drop_at else FOREVER
        if self.flooded(now_ms):
            phase_ms = now_ms % CYCLE_MS
            turn_ms = OPEN_MS if phase_ms < OPEN_MS else CYCLE_MS
            at = min(at, now_ms - phase_ms + turn_ms)
        return at
