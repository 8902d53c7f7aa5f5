"""The app as visitors drive it: a server, and browsers whose camera plays a film."""
