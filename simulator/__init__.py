"""Tocsin without hardware: real firmware, gateway and desk on virtual air."""
