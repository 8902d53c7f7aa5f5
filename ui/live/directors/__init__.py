"""What live sessions are for: registering, verifying, moving a photo."""
