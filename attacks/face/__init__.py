"""Faces that move, are swapped, or are somebody else's."""
