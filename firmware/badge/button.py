"""Button levels -> gestures. Pure: told the time and the level, says what was meant.

A hold speaks while the button is still down; three presses speak at the third
one's press. One and two presses speak when nothing can join them any more.

While the processor starts nobody looks. What may have been pressed meanwhile counts as pressed:
a false alarm is a nuisance, a missed one is not.
"""

PRESS = 1  # any press, at once: a pending alert is cancelled by it
SINGLE = 2
DOUBLE = 3
SOS = 4

FOREVER = 1 << 62
_SHORTEST_MS = 50  # no finger presses more briefly
_FASTEST_MS = 100  # nor more often


class Button:
    """Gestures of one button.

    hold_ms: how long a hold is; window_ms: within which presses belong together;
    debounce_ms: how long a level must stand before it counts.
    """

    def __init__(self, hold_ms: int = 1500, window_ms: int = 2000, debounce_ms: int = 20) -> None:
        self._hold_ms = hold_ms
        self._window_ms = window_ms
        self._debounce_ms = debounce_ms
        self._raw = False
        self._raw_since = 0
        self._down = False
        self._down_since = 0
        self._held = False
        self._presses: "list[int]" = []  # times of the last presses, oldest first
        self._decided = 0  # how many of them have spoken already
        self._blind = (0, -1)  # from when until when a press may have begun that nobody saw

    def step(self, now_ms: int, down: bool) -> "tuple[int, ...]":
        """Gestures that became certain by now_ms, the button's level being down."""
        # The old level stood until now: what it makes certain comes first.
        gestures = self._settle(now_ms)
        if down != self._raw:
            self._raw = down
            self._raw_since = now_ms
            gestures += self._settle(now_ms)
        return gestures

    def edge(self, at_ms: int, down: bool, unwatched_ms: int = 0) -> "tuple[int, ...]":
        """Like step, for a change of the level that an interrupt noted.

        unwatched_ms: for how long before at_ms nobody could look. A change to the level that
        stood already tells of another one in that time.
        """
        gestures: "tuple[int, ...]" = ()
        if down == self._raw and unwatched_ms >= self._debounce_ms:
            gestures = self._unseen(at_ms - unwatched_ms)
        return gestures + self.step(at_ms, down)

    def wake(self, from_ms: int, until_ms: int, down: bool, pressed: bool) -> None:
        """After a sleep. Nobody looked from from_ms until until_ms, when the level was down.

        pressed: a press ended the sleep. It began at from_ms, and may be over.
        """
        self._blind = (from_ms, until_ms if down else until_ms - _SHORTEST_MS)
        if pressed:
            self._unseen(from_ms)
        self._raw, self._raw_since = down, until_ms
        if not down:
            self._down = False  # for how long, nobody knows: the next press is another one

    def deadline(self) -> int:
        """When step wants to be called again at the latest, in the time of now_ms."""
        at = FOREVER
        if self._raw != self._down:
            at = self._raw_since + self._debounce_ms
        if self._down and self._raw and not self._held:
            at = min(at, self._down_since + self._hold_ms)
        if self._waiting() and not self._down:
            at = min(at, self._presses[self._decided] + self._window_ms)
        return at

    def _settle(self, now_ms: int) -> "tuple[int, ...]":
        gestures: "tuple[int, ...]" = ()
        if self._raw != self._down and now_ms - self._raw_since >= self._debounce_ms:
            self._down = self._raw
            if self._down:
                self._down_since = self._raw_since
                self._held = False
                gestures += (PRESS,) + self._pressed(self._raw_since)
        holding = self._down and self._raw and not self._held
        if holding and now_ms - self._down_since >= self._hold_ms:
            self._held = True
            self._forget()
            gestures += (SOS,)
        return gestures + self._counted(now_ms)

    def _unseen(self, at_ms: int) -> "tuple[int, ...]":
        """A press at about at_ms that nobody saw begin. It cancels nothing: it may be none."""
        if not self._down:
            self._raw = self._down = True
            self._raw_since = self._down_since = at_ms
            self._held = False
        return self._pressed(at_ms)

    def _pressed(self, at_ms: int) -> "tuple[int, ...]":
        self._presses.append(at_ms)
        third = len(self._presses) >= 3 and at_ms - self._presses[-3] <= self._window_ms
        if third or self._hid_another():
            self._forget()
            self._held = True  # this press has spoken
            return (SOS,)
        return ()

    def _hid_another(self) -> bool:
        """Whether two presses are as three of which the blind time hid one.

        Fingers are even: where the waking press was seen, one between the two is missing, else
        one before them.
        """
        if len(self._presses) != 2:
            return False
        first, second = self._presses
        began, ended = self._blind
        apart = (second - first) // 2 if first == began else second - first
        missing = first + apart if first == began else first - apart
        return apart >= _FASTEST_MS and began <= missing <= ended

    def _counted(self, now_ms: int) -> "tuple[int, ...]":
        """One or two presses, once no third can come and no hold is under way."""
        if self._down or not self._waiting():
            return ()
        if now_ms - self._presses[self._decided] < self._window_ms:
            return ()
        count = self._waiting()
        # Kept: a third press within the window of the last two is still an sos.
        self._presses = self._presses[-2:]
        self._decided = len(self._presses)
        return (SINGLE,) if count == 1 else (DOUBLE,)

    def _waiting(self) -> int:
        return len(self._presses) - self._decided

    def _forget(self) -> None:
        self._presses = []
        self._decided = 0
