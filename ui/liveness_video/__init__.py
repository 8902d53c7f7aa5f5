"""The page that looks for liveness in a video."""
