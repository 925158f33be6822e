"""Puts a file, written beside it as PATH.new, in the place of another: wholly or not at all."""

import os


def main(path: str) -> None:
    os.rename(path + ".new", path)
