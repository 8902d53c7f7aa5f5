"""The page of attacks: choose one, watch it being made and judged, see why it ended so."""
