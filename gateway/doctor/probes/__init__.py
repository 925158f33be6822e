"""Looking at one thing each, without root, without changing anything, and never for long."""
