"""AES-CCM (RFC 3610, L=2) and the mask, over an injected block cipher (docs/protocol.md, Frame)."""

from wire import WireError
from wire.frame import FRAME_LENGTH, REPORT_LENGTH, VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wire import BlockCipher

FRAME_TAG_LENGTH = 4
NONCE_LENGTH = 13


def seal_frame(
    mask: "BlockCipher", seal: "BlockCipher", epoch: int, badge: int, counter: int, report: bytes
) -> bytes:
    """The 24 bytes of a frame around 13 bytes of report.

    mask, seal: block functions under the derived keys of those names.
    epoch 0-15, badge 1-65535, counter 0-4294967295.
    """
    head = bytes((VERSION << 4 | epoch,))
    speaker = badge.to_bytes(2, "little") + counter.to_bytes(4, "little")
    sealed = ccm_seal(seal, head + speaker + b"\0\0\0\0\0\0", report, b"", FRAME_TAG_LENGTH)
    return head + xor(speaker, mask(sealed[1:17])) + sealed


def epoch_of(frame: bytes) -> int:
    """The fleet epoch of a frame. Raises WireError for a wrong length or version."""
    if len(frame) != FRAME_LENGTH:
        raise WireError("length", "frame of %d bytes: must be 24" % len(frame))
    if frame[0] >> 4 != VERSION:
        raise WireError("version", "frame of version %d: 1 is spoken here" % (frame[0] >> 4))
    return frame[0] & 15


def unmask(mask: "BlockCipher", frame: bytes) -> "tuple[int, int]":
    """Badge number and counter that a frame claims; one block operation, nothing proved yet."""
    speaker = int.from_bytes(frame[1:7], "little") ^ int.from_bytes(mask(frame[8:24])[:6], "little")
    return speaker & 0xFFFF, speaker >> 16


def open_frame(seal: "BlockCipher", frame: bytes, badge: int, counter: int) -> bytes:
    """The 13 bytes of report in a frame. Raises WireError("tag") when it was not sealed so."""
    nonce = (
        frame[:1] + badge.to_bytes(2, "little") + counter.to_bytes(4, "little") + b"\0\0\0\0\0\0"
    )
    return ccm_open(seal, nonce, frame[7 : 7 + REPORT_LENGTH + 4], b"", FRAME_TAG_LENGTH)


def ccm_seal(
    block: "BlockCipher", nonce: bytes, plain: bytes, associated: bytes, tag_length: int
) -> bytes:
    """AES-CCM ciphertext followed by its tag. nonce: 13 bytes; plain: under 65,536 bytes."""
    stream = _key_stream(block, nonce, len(plain))
    tag = _tag(block, nonce, plain, associated, tag_length)
    return xor(plain, stream[16:]) + xor(tag, stream)


def ccm_open(
    block: "BlockCipher", nonce: bytes, sealed: bytes, associated: bytes, tag_length: int
) -> bytes:
    """The plaintext of AES-CCM. Raises WireError("tag") when nonce, data or key differ."""
    if len(sealed) < tag_length:
        raise WireError("length", "sealed part of %d bytes: too short" % len(sealed))
    length = len(sealed) - tag_length
    stream = _key_stream(block, nonce, length)
    plain = xor(sealed[:length], stream[16:])
    # Compared as numbers: the time taken says nothing of which byte differs.
    if xor(sealed[length:], stream) != _tag(block, nonce, plain, associated, tag_length):
        raise WireError("tag", "authentication tag is wrong")
    return plain


def xor(data: bytes, stream: bytes) -> bytes:
    """data XOR the first bytes of stream (which is at least as long)."""
    length = len(data)
    mixed = int.from_bytes(data, "little") ^ int.from_bytes(stream[:length], "little")
    return mixed.to_bytes(length, "little")


def _key_stream(block: "BlockCipher", nonce: bytes, length: int) -> bytes:
    counters = b""
    for number in range(1 + (length + 15) // 16):
        counters += b"\x01" + nonce + number.to_bytes(2, "big")
    return block(counters)


def _tag(
    block: "BlockCipher", nonce: bytes, plain: bytes, associated: bytes, tag_length: int
) -> bytes:
    flags = (0x40 if associated else 0) | (tag_length - 2) // 2 << 3 | 1
    mac = block(bytes((flags,)) + nonce + len(plain).to_bytes(2, "big"))
    if associated:
        mac = _absorb(block, mac, len(associated).to_bytes(2, "big") + associated)
    return _absorb(block, mac, plain)[:tag_length]


def _absorb(block: "BlockCipher", mac: bytes, text: bytes) -> bytes:
    """CBC-MAC of text, padded with zeros to whole blocks, going on from mac."""
    for at in range(0, len(text), 16):
        chunk = text[at : at + 16]
        mac = block(xor(chunk + bytes(16 - len(chunk)), mac))
    return mac
