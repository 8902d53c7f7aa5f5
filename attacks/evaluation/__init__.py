"""Every attack against every factor, and the tables of the paper."""
