"""What is presented to a check, frame by frame and still by still."""
