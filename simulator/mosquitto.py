"""A real Mosquitto in a process of its own."""

import getpass
from pathlib import Path

from simulator.broker_process import BrokerProcess, free_port


class Mosquitto(BrokerProcess):
    """Mosquitto on 127.0.0.1; stop() kills it, and what it did not save is gone.

    directory: for its configuration, log and database; settings: lines of
    mosquitto.conf in place of `allow_anonymous true`. Raises SimulatorError when it
    is not installed.
    """

    def __init__(self, directory: Path, *settings: str) -> None:
        port = free_port()
        lines = (
            f"listener {port} 127.0.0.1",
            f"user {getpass.getuser()}",  # its own could not read our files
            "set_tcp_nodelay true",
            *(settings or ("allow_anonymous true",)),
        )
        conf = directory / "mosquitto.conf"
        super().__init__("mosquitto", directory, port, ("-c", str(conf)))
        conf.write_text("\n".join(lines) + "\n")
