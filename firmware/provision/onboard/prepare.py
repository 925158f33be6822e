"""Makes directories, and removes files that the new firmware does not have."""

import errno
import os


def main(directories: "list[str]", files: "list[str]") -> None:
    for path in files:
        os.remove(path)
    for path in directories:
        try:
            os.mkdir(path)
        except OSError as error:
            if error.errno != errno.EEXIST:
                raise
