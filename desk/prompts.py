"""The small questions that the view asks before it acts."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from desk.lines import AskAcknowledge, AskResolve

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
