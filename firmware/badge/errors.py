"""The badge's one error."""


class BadgeError(Exception):
    """Something the badge cannot work without; the text says what to do about it."""
