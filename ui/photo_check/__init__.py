"""The page that asks which camera took a photo."""
