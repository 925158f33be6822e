"""Writes the identity as one entry, and says what is there then, as SHA-256."""

import binascii
import hashlib

import esp32


def main(namespace: str, key: str, record: bytes) -> str:
    store = esp32.NVS(namespace)
    store.set_blob(key, record)
    store.commit()
    found = bytearray(len(record))
    esp32.NVS(namespace).get_blob(key, found)
    return binascii.hexlify(hashlib.sha256(found).digest()).decode()
