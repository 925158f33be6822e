"""Removes an entry from the key-value store."""

import esp32


def main(namespace: str, key: str) -> None:
    store = esp32.NVS(namespace)
    store.erase_key(key)
    store.commit()
