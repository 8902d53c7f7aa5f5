"""The experiment of Mukherjee and Mohanty, on our own material."""
