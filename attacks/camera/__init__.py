"""Real cameras' noise on other pictures."""
