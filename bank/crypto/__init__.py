"""Keys, encryption at rest, seals on rows and the chain of the audit."""
