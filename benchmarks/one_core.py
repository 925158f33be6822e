"""A process kept on one core, so that two programs are measured on the same ground."""

import os


def stay_on_one_core() -> None:
    """Stay on the first core that this process may use; the broker has the others."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
