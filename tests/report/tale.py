"""Logs made by hand, in the words of a run."""

from simulator.lockstep.log import Entry, Fact

HUBS = ("hub-a", "hub-b")


class Tale:
    """Entries, each said at a time in ms."""

    def __init__(self, story: str = "tale", hubs: tuple[str, ...] = HUBS, **facts: Fact) -> None:
        self.entries: list[Entry] = []
        self.counter = 0
        self.say(
            0, "run", "began", story=story, plan="nowhere", length=600_000, settle=500_000,
            badges=3, hubs=hubs, **facts,
        )  # fmt: skip

    def say(self, at_ms: int, who: str, what: str, /, **facts: Fact) -> "Tale":
        self.entries.append(Entry(at_ms, who, what, facts))
        return self

    def said(self, at_ms: int, badge: int, kind: str, phase: str, event: int = 1) -> int:
        """A badge's frame; its counter."""
        self.counter += 1
        self.say(
            at_ms, f"badge-{badge}", "said", counter=self.counter, kind=kind, phase=phase,
            event=event, battery=80, fix=False, fault=False,
        )  # fmt: skip
        return self.counter

    def felt(self, at_ms: int, badge: int, *like: str) -> "Tale":
        return self.say(at_ms + 900, f"badge-{badge}", "felt", began=at_ms, like=like)

    def heard(self, at_ms: int, hub: str, badge: int, counter: int, event: int | None) -> "Tale":
        return self.say(at_ms, hub, "kept", badge=badge, counter=counter, event=event)

    def kept(self, at_ms: int, alert: str, kind: str, phase: str) -> "Tale":
        return self.say(
            at_ms, "desk", "kept", alert=alert, phase=phase, kind=kind, calls=True, stages=(phase,)
        )

    def shown(self, at_ms: int, alert: str, kind: str, phase: str, *, waits: bool) -> "Tale":
        return self.say(
            at_ms, "desk", "shows", alert=alert, kind=kind, phase=phase, waits=waits, warnings=()
        )

    def call(
        self, at_ms: int, badge: int = 1, event: int = 1, wearer: str = "Asha", by: str = "Sam"
    ) -> "Tale":
        """A call for help that goes well: the desk after 2 s, a person after 30, over after 90."""
        alert = f"{badge}-{event}"
        self.say(at_ms, wearer, "holds the button", badge=badge)
        counter = self.said(at_ms + 1_500, badge, "sos", "raised", event)
        self.heard(at_ms + 1_700, "hub-a", badge, counter, event)
        self.kept(at_ms + 1_900, alert, "sos", "delivered")
        self.shown(at_ms + 2_000, alert, "sos", "delivered", waits=True)
        self.say(at_ms + 2_000, "desk", "calls", alert=alert, contact=by, step=1)
        self.felt(at_ms + 1_500, badge, "recognised", "heard")
        self.said(at_ms + 2_500, badge, "sos", "delivered", event)
        self.felt(at_ms + 2_600, badge, "delivered")
        self.kept(at_ms + 30_000, alert, "sos", "acknowledged")
        self.say(at_ms + 30_000, by, "acknowledge", alert=alert)
        self.said(at_ms + 30_100, badge, "sos", "acknowledged", event)
        self.felt(at_ms + 30_100, badge, "acknowledged")
        self.kept(at_ms + 90_000, alert, "sos", "resolved")
        self.say(at_ms + 90_000, by, "resolve", alert=alert)
        self.said(at_ms + 90_200, badge, "sos", "resolved", event)
        self.felt(at_ms + 90_300, badge, "resolved")
        self.said(at_ms + 100_000, badge, "status", "idle", 0)
        return self

    def ended(self, at_ms: int = 600_000, waiting: tuple[str, ...] = ()) -> list[Entry]:
        """The entries in the order of their times, with the run's end."""
        self.say(at_ms, "run", "ended", waiting=waiting)
        return sorted(self.entries, key=lambda entry: entry.at_ms)
