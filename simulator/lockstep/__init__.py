"""The whole system in virtual time: one seed, one clock, the same log on every machine."""
