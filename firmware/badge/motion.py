"""Acceleration -> a man down. Pure: told the time and one sample, says what it means.

Three ways to see that a wearer is down, each with its own event:

- FALL: weightlessness and then an impact, or a hard impact alone, and after it no
  recovery: the wearer lies, or (upright, after a strong fall) stays motionless. Onset,
  impact and posture are the phases of Kangas et al., Gait & Posture 28 (2008) 285-291;
  that the resultant's peak alone tells falls from daily living on test persons is Bourke,
  O'Brien and Lyons, Gait & Posture 26 (2007) 194-199.
- TILT: lying, for a configured time, relative to the upright that walking has taught
  (badge.upright). Not for a trouser pocket, where sitting is lying.
- STILL: no movement at all for a configured time.

On falls of real patients published detectors found 57 % on average, 83 % at best, with 3 to
85 false alarms a day (Bagalà et al., PLoS ONE 7(5), 2012, e37062). So the thresholds here
lie low, and what keeps false alarms away is the proof of recovery, not the size of the
fall: the alarm that follows is pending, and a press cancels it.

Integers only, and none above 2**30: nothing is allocated for a sample.
"""

from badge.upright import LONG_MS, Upright, cosine_1024

FALL = 1
TILT = 2
STILL = 3

_WRAP = 0x3FFF_FFFF  # ticks_ms of the ESP32 wraps here
_GAP_MS = 100  # longer than this there were no samples: time that nobody has seen
_ACTIVITY_SHIFT = 4
_MOVING_FOR_MS = 5_000
_REST_MS = 60_000

_IMPACT_WITHIN_MS = 1_000  # after weightlessness
_WATCH_MS = 30_000  # after an impact
_SETTLED_MS = 10_000  # who has not moved for so long is watched until that ends
_STEPS_RECOVERED = 10  # in a row: who walks is not down, however the badge hangs
_STRONG_LOW_MS = 120
_STRONG_MG2 = 2_500 * 2_500
_PUSH_MG2 = 1_400 * 1_400  # off the ground: who jumps pushes first
_PUSH_WITHIN_MS = 400
_BLOW_MIN_MS = 200  # apart, or it is the same blow
_BLOW_MAX_MS = 1_000
_BLOWS_OF_A_FALL = 3  # more in a row are strides


class Motion:
    """One wearer's movement, from 50 samples a second.

    low_mg, low_ms: weightlessness, and how long it lasts at least; 300-600 mg is what makers
    of accelerometers recommend for free fall, and a body that topples is seldom freer.
    impact_mg: an impact after weightlessness. hard_mg: one that needs none before it.
    down_ms: lying this long after an impact is a fall; lying is down_deg from upright, or
    more; 0 = posture tells nothing (pocket). motionless_ms: so is being still, upright, after
    long weightlessness and a strong impact, if it was neither a step nor a jump.
    tilt_ms: being tilt_deg from upright this long is an event, 0 = never.
    quiet_mg: what is below is stillness (sum over the axes, mean over 0.3 s).
    still_ms: this long without movement is an event, 0 = never.
    """

    def __init__(
        self,
        low_mg: int = 600,
        low_ms: int = 60,
        impact_mg: int = 1_900,
        hard_mg: int = 2_900,
        down_ms: int = 10_000,
        down_deg: int = 55,
        motionless_ms: int = 45_000,
        tilt_deg: int = 60,
        tilt_ms: int = 60_000,
        quiet_mg: int = 60,
        still_ms: int = 0,
    ) -> None:
        self._low = low_mg * low_mg
        self._low_ms = low_ms
        self._impact = impact_mg * impact_mg
        self._hard = hard_mg * hard_mg
        self._down_ms = down_ms
        self._posture_counts = down_deg > 0
        self._down_cosine = cosine_1024(down_deg)
        self._motionless_ms = motionless_ms
        self._tilt_cosine = cosine_1024(tilt_deg)
        self._tilt_ms = tilt_ms if down_deg else 0
        self._quiet = quiet_mg << _ACTIVITY_SHIFT
        self._still_ms = still_ms
        self.upright = Upright()
        self._charging = False
        self._at = -1  # before the first sample
        self._forget()

    def _forget(self) -> None:
        """All but what upright is."""
        self._activity = 0
        self._still_for = 0
        self._still_told = False
        self._lying = False
        self._lying_for = 0
        self._lying_told = False
        self._low_for = 0
        self._low_longest = 0
        self._low_ago = LONG_MS
        self._push_ago = LONG_MS
        self._jumped = False
        self._watch_left = 0
        self._blows = 0
        self._steps_before = 0
        self._down_for = 0
        self._strong = False

    def set_charging(self, charging: bool) -> None:
        """Nobody wears a badge on its charger: nothing is an event while it is there."""
        if charging != self._charging:
            self._charging = charging
            self._forget()

    @property
    def moving(self) -> bool:
        """Whether there was movement in the last five seconds."""
        return self._at >= 0 and self._still_for < _MOVING_FOR_MS

    @property
    def still_for_ms(self) -> int:
        """How long there has been no movement, at most six days; gaps are not counted."""
        return self._still_for

    @property
    def may_rest(self) -> bool:
        """Whether nothing is under way that a sleep until the next movement would break off."""
        waiting = self._still_ms and not self._still_told
        down = self._watch_left or self._lying_for
        return self._still_for >= _REST_MS and not waiting and not down

    def go_on_resting(self) -> None:
        """After a sleep that no movement ended: as still as before it."""
        self._still_for = _REST_MS
        self._still_told = True  # or it would not have slept

    def step(self, now_ms: int, x: int, y: int, z: int) -> int:
        """FALL, TILT, STILL or 0 for a sample in milli-g; now_ms may wrap as ticks_ms does."""
        passed = (now_ms - self._at) & _WRAP
        if self._at < 0 or passed > _GAP_MS:
            passed = 0
            self.upright.begin(x, y, z)
            self._low_for = 0
            self._low_ago = self._push_ago = LONG_MS
        self._at = now_ms
        self._watch_stillness(passed, self.upright.follow(x, y, z))
        if self._charging:
            return 0
        squared = x * x + y * y + z * z
        self.upright.count_steps(passed, squared, self._lying)
        self._watch_impact(passed, squared)
        self._watch_posture(passed)
        return self._decide(passed)

    def _watch_stillness(self, passed: int, distance: int) -> None:
        activity = self._activity + distance - (self._activity >> _ACTIVITY_SHIFT)
        self._activity = activity
        if activity >= self._quiet:
            self._still_for = 0
            self._still_told = False
        elif self._still_for < LONG_MS:
            self._still_for += passed

    def _watch_impact(self, passed: int, squared: int) -> None:
        if squared < self._low:
            self._note_weightless(passed)
            return
        self._low_for = 0
        if squared >= _PUSH_MG2:
            self._push_ago = 0
        elif self._push_ago < LONG_MS:
            self._push_ago += passed
        if self._low_ago <= _IMPACT_WITHIN_MS:
            self._low_ago += passed
            if squared >= self._impact:
                self._note_impact(squared)
        else:
            self._low_longest = 0
            if squared >= self._hard:
                self._note_impact(squared)

    def _note_weightless(self, passed: int) -> None:
        if not self._low_for:
            self._jumped = self._push_ago <= _PUSH_WITHIN_MS
        self._low_for += passed
        if self._low_for >= self._low_ms:
            self._low_ago = 0
            self._low_longest = max(self._low_longest, self._low_for)

    def _note_impact(self, squared: int) -> None:
        since_ms = _WATCH_MS - self._watch_left
        if not self._watch_left:
            self._down_for = 0
            self._strong = False
        if since_ms > _BLOW_MAX_MS:
            self._blows = 1
        elif since_ms >= _BLOW_MIN_MS:
            self._blows += 1
        self._watch_left = _WATCH_MS
        self._steps_before = self.upright.all_steps
        if self._blows > _BLOWS_OF_A_FALL or self._jumped:
            self._strong = False
        elif squared >= _STRONG_MG2 and self._low_longest >= _STRONG_LOW_MS:
            self._strong = True

    def _watch_posture(self, passed: int) -> None:
        """Whether gravity is far from upright; time upright counts back four times as fast."""
        along = self.upright.along()
        if along < self.upright.limit(self._down_cosine):
            self._down_for += passed
        else:
            self._down_for = max(0, self._down_for - 4 * passed)
        self._lying = along < self.upright.limit(self._tilt_cosine)
        if not self._lying:
            self._lying_for = max(0, self._lying_for - 4 * passed)
            if not self._lying_for:
                self._lying_told = False
        elif self._lying_for < LONG_MS:
            self._lying_for += passed

    def _decide(self, passed: int) -> int:
        if self._watch_left:
            if not self._strong or self._still_for < _SETTLED_MS:
                self._watch_left = max(0, self._watch_left - passed)
            if self._fallen():
                return self._tell(FALL)
            if self._walks_on():
                self._watch_left = 0
        if self._tilt_ms and self._lying_for >= self._tilt_ms and not self._lying_told:
            return self._tell(TILT) if self.upright.taught else 0
        if self._still_ms and self._still_for >= self._still_ms and not self._still_told:
            return self._tell(STILL)
        return 0

    def _fallen(self) -> bool:
        if not self._posture_counts:
            return self._still_for >= self._down_ms and self._blows <= _BLOWS_OF_A_FALL
        if self._down_for >= self._down_ms:
            return True
        # Before upright is learnt, lying cannot be told from standing still.
        patience_ms = self._motionless_ms if self.upright.learnt else self._down_ms
        return self._strong and self._still_for >= patience_ms

    def _walks_on(self) -> bool:
        since = (self.upright.all_steps - self._steps_before) & _WRAP
        return since >= _STEPS_RECOVERED and self.upright.steps >= _STEPS_RECOVERED

    def _tell(self, event: int) -> int:
        """Once for each time that the wearer goes down, in whichever way it was seen."""
        self._watch_left = 0
        self._down_for = 0
        self._lying_told = True
        self._still_told = True
        return event
