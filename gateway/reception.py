"""What radios hear, judged: frames of badges by the intake, presses by the rules of the buttons."""

from collections.abc import Callable, Iterable

from gateway.buttons import Buttons
from gateway.intake import Intake
from gateway.radio import Advert
from gateway.registry import Registry
from gateway.steps import Count, Forget, Heard


class Reception:
    """Everybody whom the registry names, badge or button.

    counts: what was accepted before this start. recognised: is told which radio
    heard which badge. doubted: the counters that their frames do not prove.
    """

    def __init__(
        self,
        registry: Registry,
        counts: Iterable[Count],
        recognised: Callable[[str, int], None],
    ) -> None:
        self._intake = Intake(registry)
        self._buttons = Buttons(registry.buttons)
        self._recognised = recognised
        self.doubted: tuple[Forget, ...] = ()
        for count in counts:
            known = self._intake.restore(*count) and self._buttons.restore(*count)
            self.doubted += () if known else (Forget(count.badge),)

    @property
    def buttons(self) -> tuple[int, ...]:
        """The numbers of the buttons."""
        return self._buttons.numbers

    @property
    def bad_tags(self) -> int:
        """How many frames had a wrong tag."""
        return self._intake.rejected["tag"] + self._buttons.rejected["tag"]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What supervisors must see."""
        return self._buttons.warnings()

    @property
    def rejected(self) -> dict[str, int]:
        """How many frames were refused, by reason; those of buttons begin with `button_`."""
        of_buttons = {f"button_{why}": times for why, times in self._buttons.rejected.items()}
        return {**self._intake.rejected, **of_buttons}

    def hear(self, now_ms: int, adverts: Iterable[Advert]) -> list[Heard]:
        """Those that are taken."""
        return [heard for advert in adverts for heard in self._judge(now_ms, advert)]

    def renew(self, registry: Registry) -> None:
        """Go on with other badges, buttons and keys; counters stay."""
        self._intake.renew(registry)
        self._buttons.renew(registry.buttons)

    def take_set_back(self) -> dict[int, int]:
        """Buttons that count backwards: how many frames of each were refused for it, once."""
        return self._buttons.take_set_back()

    def _judge(self, now_ms: int, advert: Advert) -> Iterable[Heard]:
        if advert.frame:
            hearing = self._intake.hear(now_ms, advert.frame)
            if hearing is not None:
                self._recognised(advert.radio, hearing.badge)
                yield Heard(hearing, advert.address, advert.rssi)
        if advert.button:
            press = self._buttons.hear(now_ms, advert.address, advert.button)
            if press is not None:
                yield Heard(press, advert.address, advert.rssi)
