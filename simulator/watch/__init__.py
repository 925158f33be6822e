"""A run as it goes, in the terminal: people on the plan, alerts, promises, time and speed."""
