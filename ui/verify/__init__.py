"""The pages that verify a customer, in front of the camera or with photos."""
