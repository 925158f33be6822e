"""What gateway and desk say to each other over MQTT (docs/mqtt.md).

The one part of the gateway that the desk and the simulator import.
"""
