"""The page of rules and installation."""
