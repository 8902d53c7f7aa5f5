"""The attacks: what each is called, needs, and how it is made."""
