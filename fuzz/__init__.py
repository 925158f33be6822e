"""Everything that comes from outside, under arbitrary bytes (`make fuzz`)."""
