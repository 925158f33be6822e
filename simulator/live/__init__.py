"""A story in real time: real firmware, radio, gateways, desk and a real broker, as they run.

What a run in virtual time (simulator.lockstep) proves by the thousand, a live run shows once, with
nothing replaced but hardware. Its log has the same words, so that the same checkers read it; what
is on disk is read from the disks of hubs and desk themselves, from outside.
"""
