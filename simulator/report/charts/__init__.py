"""Pictures of figures, each a function from plain values to one SVG element.

Colours are classes, so that the page's style decides them for light, dark and paper.
"""
