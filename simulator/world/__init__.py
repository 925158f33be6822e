"""The physical world in virtual time: places, people, radio, sky, batteries and clocks.

Pure: times come in as milliseconds, positions as metres, levels as dBm, and every chance is a
draw from simulator.world.draws, keyed by what it is about. Nothing here waits or remembers
how often it was asked, so the same question has the same answer in any order.
"""
