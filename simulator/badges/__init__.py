"""Virtual badges for testers: on the air of their own gateway, worn, pressed and broken by hand."""
