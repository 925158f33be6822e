"""The screen of a run as it goes. It decides nothing: it moves time on and draws the scene."""

import time
from collections import deque
from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Footer, ProgressBar, Static

from simulator.errors import SimulatorError
from simulator.live.telling import Teller
from simulator.watch import sides
from simulator.watch.plan_view import PlanView
from simulator.watch.reel import Reel

_FRAME_S = 0.1
_LINES = 50
_BELOW = 15  # rows of promises and headings, which stand below the alerts


class PlanPane(Widget):
    """The plan, as large as there is room."""

    def __init__(self, reel: Reel, view: PlanView | None) -> None:
        super().__init__(id="plan")
        self._reel = reel
        self._view = view
        self._floor: int | None = None

    def render(self) -> Text:
        """Everybody where they are."""
        if self._view is None:
            return Text("The plan of this run is not known here.", "dim")
        size, stops = self.content_size, self._reel.playback.stops()
        return self._view.draw(self._reel.scene, stops, size.width, size.height, self._floor)

    def next_floor(self) -> None:
        """One floor after the other, then all of them."""
        floors = (*self._view.floors, None) if self._view is not None else (None,)
        self._floor = floors[(floors.index(self._floor) + 1) % len(floors)]
        self.refresh()


class WatchScreen(App[None]):
    """Shows a reel until somebody has seen enough. clock: seconds of real time."""

    TITLE = "Tocsin"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #head { height: 1; padding: 0 1; }
    #progress { height: 1; padding: 0 1; }
    #progress Bar { width: 1fr; }
    #body { height: 1fr; }
    #plan { width: 2fr; height: 1fr; padding: 0 1; }
    #side { width: 1fr; min-width: 30; padding: 0 1; border-left: solid $panel; }
    #side { scrollbar-size-vertical: 1; }
    Static { text-wrap: nowrap; text-overflow: ellipsis; }
    #side Static { height: auto; margin-bottom: 1; }
    #ticker { height: 6; padding: 0 1; border-top: solid $panel; }
    .-narrow #body { layout: vertical; }
    .-narrow #plan { width: 1fr; height: 3fr; }
    .-narrow #side { width: 1fr; height: 2fr; border-left: none; border-top: solid $panel; }
    .-narrow #ticker { height: 4; }
    """
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (84, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        ("space", "pause", "Pause"),
        ("plus,equals_sign,right", "speed(1)", "Faster"),
        ("minus,left", "speed(-1)", "Slower"),
        ("f", "floor", "Floor"),
        ("q", "quit", "Quit"),
    ]

    def __init__(
        self, reel: Reel, view: PlanView | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._reel = reel
        self._clock = clock
        self._drawn_s = 0.0
        self._lines: deque[str] = deque(maxlen=_LINES)
        reel.listen(Teller(self._lines.append))
        names = ("head", "alerts", "promises", "parts", "ticker")
        self._texts = {name: Static(id=name) for name in names}
        self._bar = ProgressBar(id="progress", show_eta=False)
        self._plan = PlanPane(reel, view)
        self._side = VerticalScroll(id="side", can_focus=False)

    def compose(self) -> ComposeResult:
        """A line and a bar, the plan with its side, what happens, and the keys."""
        yield self._texts["head"]
        yield self._bar
        with Horizontal(id="body"):
            yield self._plan
            with self._side:
                for name in ("alerts", "promises", "parts"):
                    yield self._texts[name]
        yield self._texts["ticker"]
        yield Footer()

    def on_mount(self) -> None:
        """Time begins."""
        self._drawn_s = self._clock()
        self.set_interval(_FRAME_S, self.turn)

    def turn(self) -> None:
        """Move time on to where the clock is, and draw."""
        now_s = self._clock()
        elapsed_s, self._drawn_s = now_s - self._drawn_s, now_s
        try:
            self._reel.turn(elapsed_s)
        except SimulatorError as error:
            self.exit(return_code=1, message=f"tocsin-simulator: {error}")
            return
        self._draw()

    def action_pause(self) -> None:
        """Stand still, or go on."""
        self._reel.playback.paused = not self._reel.playback.paused
        self._draw()

    def action_speed(self, steps: int) -> None:
        """Faster or slower."""
        self._reel.playback.change_speed(steps)
        self._draw()

    def action_floor(self) -> None:
        """Another floor."""
        self._plan.next_floor()

    def _draw(self) -> None:
        reel, texts, size = self._reel, self._texts, self._side.size
        scene, playback, broken = reel.scene, reel.playback, reel.broken
        texts["head"].update(sides.headline(scene, playback, broken))
        self._bar.update(total=max(1, scene.length_ms), progress=playback.now_ms)
        texts["alerts"].update(
            sides.alerts(scene, max(3, size.height - _BELOW - len(scene.machines)), size.width)
        )
        texts["promises"].update(sides.promises(broken))
        texts["parts"].update(sides.parts(scene))
        rows = max(1, texts["ticker"].content_size.height)
        texts["ticker"].update(Text("\n".join(list(self._lines)[-rows:])))
        self._plan.refresh()
