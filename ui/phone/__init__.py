"""A phone as the camera: handing a check over, and serving the local network."""
