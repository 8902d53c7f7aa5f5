"""What a file says of where it comes from: metadata, compression, content credentials. Never proof, always a hint."""
