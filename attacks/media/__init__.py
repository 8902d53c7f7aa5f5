"""What attackers show or hand in: prints, screens, resized pictures, copied fingerprints."""
