"""The sample check, and the sample person as a customer."""
