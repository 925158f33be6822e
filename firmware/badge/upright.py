"""Which way is up for a wearer: gravity, followed, and what walking teaches. Pure.

Whoever takes sixteen steps in a row with gravity always from the same side is upright; that
is how a badge may be worn any way round. Integers only, and none above 2**30.
"""

LONG_MS = 0x2000_0000  # six days: where clocks that count a badge's rest stand still

_FAR_MG2 = 0x3FFF_FFFF
_GRAVITY_SHIFT = 5  # a mean over 32 samples, 0.6 s
_UPRIGHT_SHIFT = 8  # learns over 256 samples of walking, 5 s
_STEP_HIGH_MG2 = 1_100 * 1_100
_STEP_LOW_MG2 = 950 * 950
_STEP_MIN_MS = 240
_STEP_MAX_MS = 1_200
_STEPS_LEARN = 16  # a hand that puts the badge on gives a few, and turns it meanwhile
_STEPS_RELEARN = 20  # the badge is worn another way round
_SAME_WAY_MG2 = 750_000  # gravity has turned by less than 40 degrees since the first step
_TAUGHT_MS = 10_000  # of walking, before posture alone may raise an alarm


class Upright:
    """learnt: whether upright is known. steps: in a row, now; all_steps: ever, for differences."""

    def __init__(self) -> None:
        self.learnt = False
        self.steps = 0
        self.all_steps = 0
        self._gx = self._gy = self._gz = 0  # gravity, mg << _GRAVITY_SHIFT
        self._ux = self._uy = self._uz = 0  # upright, mg << _UPRIGHT_SHIFT
        self._rx = self._ry = self._rz = 0  # gravity at the first step, mg
        self._length = 0  # of upright, mg squared >> 10
        self._taught_for = 0
        self._odd_steps = 0  # as if lying
        self._low = False
        self._step_ago = LONG_MS

    @property
    def taught(self) -> bool:
        """Whether enough walking has been seen to trust posture alone."""
        return self._taught_for >= _TAUGHT_MS

    @property
    def direction(self) -> "tuple[int, int, int] | None":
        """Which way is up, in mg; None until it was learnt."""
        if not self.learnt:
            return None
        return (
            self._ux >> _UPRIGHT_SHIFT,
            self._uy >> _UPRIGHT_SHIFT,
            self._uz >> _UPRIGHT_SHIFT,
        )

    def teach(self, x: int, y: int, z: int) -> None:
        """What direction was before a sleep."""
        self.learnt = True
        self._taught_for = _TAUGHT_MS
        self._ux, self._uy, self._uz = x << _UPRIGHT_SHIFT, y << _UPRIGHT_SHIFT, z << _UPRIGHT_SHIFT
        self._measure_upright()

    def begin(self, x: int, y: int, z: int) -> None:
        """The first sample, or the first after a pause, which no walk outlives."""
        self._gx, self._gy, self._gz = x << _GRAVITY_SHIFT, y << _GRAVITY_SHIFT, z << _GRAVITY_SHIFT
        self.steps = self._odd_steps = 0
        self._step_ago = LONG_MS

    def follow(self, x: int, y: int, z: int) -> int:
        """Lets gravity follow a sample; how far the sample is from it, mg over all axes."""
        x -= self._gx >> _GRAVITY_SHIFT
        y -= self._gy >> _GRAVITY_SHIFT
        z -= self._gz >> _GRAVITY_SHIFT
        self._gx += x
        self._gy += y
        self._gz += z
        return abs(x) + abs(y) + abs(z)

    def along(self) -> int:
        """The scalar product of gravity and upright, mg squared; large until upright is known."""
        if not self.learnt:
            return _FAR_MG2
        return self._dot_gravity(
            self._ux >> _UPRIGHT_SHIFT, self._uy >> _UPRIGHT_SHIFT, self._uz >> _UPRIGHT_SHIFT
        )

    def limit(self, cosine: int) -> int:
        """Below which along() means more than an angle with this cosine, in 1,024ths.

        Beside the length of upright itself, so that the sensor's scale cancels.
        """
        return self._length * cosine

    def count_steps(self, passed_ms: int, squared: int, lying: bool) -> None:
        """Rhythmic swings of the force (mg squared) about 1 g."""
        if self._step_ago < LONG_MS:
            self._step_ago += passed_ms
        if squared < _STEP_LOW_MG2:
            self._low = True
        elif squared > _STEP_HIGH_MG2 and self._low:
            self._low = False
            if self._step_ago >= _STEP_MIN_MS:
                self._note_step(lying)
        if self._step_ago > _STEP_MAX_MS:
            self.steps = self._odd_steps = 0
        elif self.steps >= _STEPS_LEARN and not lying:
            self._learn(passed_ms)

    def _note_step(self, lying: bool) -> None:
        self._step_ago = 0
        if not self.steps or self._dot_gravity(self._rx, self._ry, self._rz) < _SAME_WAY_MG2:
            self.steps = self._odd_steps = 0
            self._rx = self._gx >> _GRAVITY_SHIFT
            self._ry = self._gy >> _GRAVITY_SHIFT
            self._rz = self._gz >> _GRAVITY_SHIFT
        self.steps += 1
        self.all_steps = (self.all_steps + 1) & 0x3FFF_FFFF
        self._odd_steps = self._odd_steps + 1 if lying else 0
        if self._odd_steps > _STEPS_RELEARN:
            self.learnt = False

    def _learn(self, passed_ms: int) -> None:
        if not self.learnt:
            self.learnt = True
            self._taught_for = 0
            self._ux = self._gx << (_UPRIGHT_SHIFT - _GRAVITY_SHIFT)
            self._uy = self._gy << (_UPRIGHT_SHIFT - _GRAVITY_SHIFT)
            self._uz = self._gz << (_UPRIGHT_SHIFT - _GRAVITY_SHIFT)
        self._ux += (self._gx >> _GRAVITY_SHIFT) - (self._ux >> _UPRIGHT_SHIFT)
        self._uy += (self._gy >> _GRAVITY_SHIFT) - (self._uy >> _UPRIGHT_SHIFT)
        self._uz += (self._gz >> _GRAVITY_SHIFT) - (self._uz >> _UPRIGHT_SHIFT)
        if self._taught_for < _TAUGHT_MS:
            self._taught_for += passed_ms
        self._measure_upright()

    def _measure_upright(self) -> None:
        x = self._ux >> _UPRIGHT_SHIFT
        y = self._uy >> _UPRIGHT_SHIFT
        z = self._uz >> _UPRIGHT_SHIFT
        self._length = (x * x + y * y + z * z) >> 10

    def _dot_gravity(self, x: int, y: int, z: int) -> int:
        return (
            (self._gx >> _GRAVITY_SHIFT) * x
            + (self._gy >> _GRAVITY_SHIFT) * y
            + (self._gz >> _GRAVITY_SHIFT) * z
        )


def cosine_1024(degrees: int) -> int:
    """1,024 times the cosine of 0-90 degrees, by Bhaskara's formula: within 2 of the right one."""
    return 1_024 * (32_400 - 4 * degrees * degrees) // (32_400 + degrees * degrees)
