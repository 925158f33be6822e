"""Pins and parts of each supported board; the only place that names pins."""
