"""Stories that a run tells: read from TOML, drawn at random, and cut down to what matters."""
