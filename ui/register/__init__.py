"""The pages that register cameras and faces."""
