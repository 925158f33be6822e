"""A real NATS server with JetStream, which speaks MQTT 3.1.1, in a process of its own."""

from pathlib import Path

from simulator.broker_process import BrokerProcess, free_port

_CONF = """
server_name: tocsin
listen: "127.0.0.1:-1"
jetstream {{ store_dir: "{store}" }}
mqtt {{ listen: "127.0.0.1:{port}", ack_wait: "3s" }}
{settings}
"""


class Nats(BrokerProcess):
    """NATS on 127.0.0.1, its MQTT port; stop() kills it, and what it wrote stays.

    directory: for its configuration, log and streams; settings: lines of nats-server.conf.
    Raises SimulatorError when it is not installed.
    """

    def __init__(self, directory: Path, *settings: str) -> None:
        port = free_port()
        conf = directory / "nats-server.conf"
        super().__init__("nats-server", directory, port, ("-c", str(conf)))
        conf.write_text(
            _CONF.format(store=directory / "nats", port=port, settings="\n".join(settings))
        )
