"""The gateway: radio in, MQTT out, and a database between them that forgets nothing."""
