"""A gateway for testers who have none: `python -m simulator.badges.hub CONFIG HCI_SOCKET CLOCK`.

As simulator.gateway_process, and it ends with its stdin: with whoever started it, however that
one ended.
"""

import asyncio
import os
import sys
import threading
from pathlib import Path

from gateway.host.log import log_to_stderr
from simulator.gateway_process import serve


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    log_to_stderr()
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
