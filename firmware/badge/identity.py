"""Who a badge is, as one record, so that it is written wholly or not at all. Pure.

ESP-IDF's key-value store replaces one entry atomically, but not five of them.
"""

import binascii

NAMESPACE = "tocsin"
KEY = "identity"
KEY_LENGTH = 16
LENGTH = 56
_FORMAT = 1
_KEYS_AT = 4
_CHECK_AT = _KEYS_AT + 3 * KEY_LENGTH


class IdentityRecord:
    """number: 1-65535; epoch: the fleet key's, 0-15; mask, seal, command: the derived keys."""

    def __init__(self, number: int, epoch: int, mask: bytes, seal: bytes, command: bytes) -> None:
        self.number = number
        self.epoch = epoch
        self.mask = mask
        self.seal = seal
        self.command = command

    def __repr__(self) -> str:
        return "<IdentityRecord %d>" % self.number


def encode_identity(identity: IdentityRecord) -> bytes:
    """56 bytes: format, number, epoch, the three keys, CRC-32 of it all."""
    body = (
        bytes((_FORMAT,))
        + identity.number.to_bytes(2, "little")
        + bytes((identity.epoch,))
        + identity.mask
        + identity.seal
        + identity.command
    )
    check: bytes = binascii.crc32(body).to_bytes(4, "little")
    return body + check


def decode_identity(record: bytes) -> "IdentityRecord | None":
    """None when the record is not whole."""
    if len(record) != LENGTH or record[0] != _FORMAT:
        return None
    if binascii.crc32(record[:_CHECK_AT]) != int.from_bytes(record[_CHECK_AT:], "little"):
        return None
    keys = [record[at : at + KEY_LENGTH] for at in range(_KEYS_AT, _CHECK_AT, KEY_LENGTH)]
    return IdentityRecord(
        int.from_bytes(record[1:3], "little"), record[3], keys[0], keys[1], keys[2]
    )
