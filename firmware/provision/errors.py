"""What can go wrong, as one line that says what to do."""


class ProvisionError(Exception):
    """What stops the tool; the text says what was wrong, where, and what to do."""


class PortError(ProvisionError):
    """No port, too many, or one that cannot be opened."""


class LinkError(ProvisionError):
    """The board stopped to answer, or was unplugged."""


class BoardError(ProvisionError):
    """The board answers, but it is the wrong one, or it cannot do what it is asked."""


class FlashFullError(BoardError):
    """The board's flash cannot take any more."""


class FilesError(ProvisionError):
    """A file of the fleet, or of the firmware, that cannot be used."""
