"""The machine around the gateway: its service manager and its log."""
