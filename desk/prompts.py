"""The small questions that the view asks before it acts."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from desk.lines import AskAcknowledge, AskEndVisit, AskResolve, AskSetVisit
from desk.options import MAX_VISIT_MINUTES

_MAX_MINUTES = 254


class AcknowledgePrompt(ModalScreen[AskAcknowledge | None]):
    """Asks for the minutes until help; Enter alone means unknown."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss(None)", "Cancel")]

    def __init__(self, alert: str, wearer: str, by: str) -> None:
        super().__init__()
        self._alert = alert
        self._wearer = wearer
        self._by = by

    def compose(self) -> ComposeResult:
        """A question and a field for digits."""
        with Vertical(classes="prompt"):
            yield Static(f"Take {self._wearer} ({self._alert}) as {self._by}", markup=False)
            yield Static("Minutes until help? Digits, or Enter for unknown; Esc cancels.")
            yield Input(restrict=r"[0-9]{0,3}", id="minutes")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the alert."""
        minutes = min(int(event.value), _MAX_MINUTES) if event.value else None
        self.dismiss(AskAcknowledge(alert=self._alert, by=self._by, minutes=minutes))


class ResolvePrompt(ModalScreen[AskResolve | None]):
    """Asks whether an alert is over; only y means yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("y", "resolve", "Yes"),
        ("n,escape,enter", "dismiss(None)", "No"),
    ]

    def __init__(self, alert: str, wearer: str, by: str) -> None:
        super().__init__()
        self._alert = alert
        self._wearer = wearer
        self._by = by

    def compose(self) -> ComposeResult:
        """The question."""
        with Vertical(classes="prompt"):
            yield Static(f"Is the alert of {self._wearer} ({self._alert}) over?", markup=False)
            yield Static("y = resolve it, n or Esc = leave it open")

    def action_resolve(self) -> None:
        """Resolve the alert."""
        self.dismiss(AskResolve(alert=self._alert, by=self._by))


class VisitPrompt(ModalScreen[AskSetVisit | AskEndVisit | None]):
    """Asks when a visit must be over; only e ends it."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss(None)", "Cancel")]

    def __init__(self, badge: int, wearer: str, by: str) -> None:
        super().__init__()
        self._badge = badge
        self._wearer = wearer
        self._by = by

    def compose(self) -> ComposeResult:
        """A question and a field for digits, or e."""
        with Vertical(classes="prompt"):
            yield Static(f"The visit of {self._wearer} (badge {self._badge})", markup=False)
            yield Static(
                "Due in how many minutes from now? Digits, or e = it is over; Esc cancels."
            )
            yield Input(restrict=r"[0-9]{0,4}|e", id="minutes")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Set or end the visit; nothing is set by Enter alone."""
        if event.value == "e":
            self.dismiss(AskEndVisit(badge=self._badge, by=self._by))
        elif event.value and int(event.value):
            minutes = min(int(event.value), MAX_VISIT_MINUTES)
            self.dismiss(AskSetVisit(badge=self._badge, by=self._by, minutes=minutes))
        else:
            self.dismiss(None)


class DetailsScreen(ModalScreen[None]):
    """All that is known of one alert."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,enter,q", "dismiss(None)", "Back")]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """The text, scrollable."""
        with VerticalScroll(classes="details"):
            yield Static(self._text, markup=False, id="details")
            yield Static("\nEsc = back", classes="hint")
