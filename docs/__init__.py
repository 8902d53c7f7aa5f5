"""Documents, and the commands that keep their generated parts true."""
