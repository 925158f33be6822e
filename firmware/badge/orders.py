"""Which commands the badge takes: rules that make a recorded one worthless. Pure."""

from wire.command import COUNTER_WINDOW, REPLY_BIT, Command


class Orders:
    """first: the first frame counter of this start; nothing older can be answered."""

    def __init__(self, first: int) -> None:
        self.proven = first - 1
        self.answered = [first - 1] * 8  # by opcode

    def admits(self, command: Command, counter: int) -> bool:
        """Whether a command answers a recent frame of this badge, counter being its latest."""
        if command.opcode & REPLY_BIT:
            return False  # a reply of ours, sent back at us
        return 0 <= counter - command.counter <= COUNTER_WINDOW

    def is_newer(self, command: Command) -> bool:
        """Whether no command of its opcode has answered so new a frame yet; notes that one has."""
        if command.counter <= self.answered[command.opcode]:
            return False
        self.answered[command.opcode] = command.counter
        return True

    def proves(self, command: Command, moved: bool) -> bool:
        """Whether only the desk itself can have sent it: it moved the phase, or is the newest."""
        newest = command.counter > self.proven
        self.proven = max(self.proven, command.counter)
        return newest or moved
