"""The page of who is enrolled."""
