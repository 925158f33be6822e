"""The integrator's tool: makes a badge of a board, and looks into one. All over USB."""
