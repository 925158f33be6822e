"""What a hub does by itself while the desk is away: it calls people, and sounds a siren.

`alarm.py` decides; `station.py` carries out, through Apprise and gpiozero
(docs/architecture.md).
"""
