"""The doctor: looks at everything a gateway needs, and says what to do.

`probes` look and never judge; `judge` judges what they saw and looks at nothing.
"""
