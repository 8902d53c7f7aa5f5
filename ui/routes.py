"""Addresses of the pages, for links from one to another."""

START = "pages/start.py"
REGISTER = "pages/register.py"
CHECK = "pages/check.py"
MATCH_VIEW = "pages/match_view.py"
LIVENESS_VIDEO = "pages/liveness_video.py"
LEARN = "pages/learn.py"
