"""What tests and benchmarks share: made-up selfies, filmed people, browsers with a film as their camera."""
