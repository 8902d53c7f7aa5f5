"""What live sessions are for: registering a camera with a face, and verifying a selfie."""
