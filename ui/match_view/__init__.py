"""The page that shows why an attempt came out as it did."""
