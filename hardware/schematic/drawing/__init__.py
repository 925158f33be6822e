"""The circuit as drawings: a block diagram and one drawing for each sheet. Pure."""
