"""Sentences for people. Pure functions; nothing here claims more than the numbers do."""
