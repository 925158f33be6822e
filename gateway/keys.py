"""Keys derived on the host (docs/protocol.md, Keys), and ciphers under them."""

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from wire import BlockCipher

KEY_LENGTH = 16


def mask_key(fleet_key: bytes) -> bytes:
    """The key that hides which badge speaks."""
    return _derive(fleet_key, b"tocsin/1 mask")


def seal_key(badge_key: bytes) -> bytes:
    """The key that seals a badge's frames."""
    return _derive(badge_key, b"tocsin/1 seal")


def command_key(badge_key: bytes) -> bytes:
    """The key that seals commands to a badge and its replies."""
    return _derive(badge_key, b"tocsin/1 command")


def block_cipher(key: bytes) -> "BlockCipher":
    """The block function of `wire` under a 16-byte key: AES-128-ECB of whole blocks."""
    # One encryptor for good: ECB has no state between blocks, and making one costs 10 blocks.
    return Cipher(AES(key), ECB()).encryptor().update  # noqa: S305  # one block, no mode


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_LENGTH, salt=None, info=purpose).derive(key)
