"""The identity as SHA-256: the bytes from start to end of it, and the whole."""

import binascii
import hashlib

import esp32


def main(namespace: str, key: str, length: int, start: int, end: int) -> "list[str]":
    record = bytearray(length)
    esp32.NVS(namespace).get_blob(key, record)
    return [
        binascii.hexlify(hashlib.sha256(part).digest()).decode()
        for part in (record[start:end], record)
    ]
