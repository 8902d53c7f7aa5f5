"""Addresses of the pages, for links from one to another."""

from pathlib import Path

_PAGES = Path(__file__).parents[2] / "pages"

START = str(_PAGES / "start.py")
REGISTER = str(_PAGES / "register.py")
CHECK = str(_PAGES / "check.py")
ATTACK_LAB = str(_PAGES / "attack_lab.py")
SAMPLE = str(_PAGES / "sample.py")
VERIFY = str(_PAGES / "verify.py")
REGISTER_LIVE = str(_PAGES / "register_live.py")
MATCH_VIEW = str(_PAGES / "match_view.py")
LIVENESS_VIDEO = str(_PAGES / "liveness_video.py")
CUSTOMERS = str(_PAGES / "customers.py")
AUDIT_LOG = str(_PAGES / "audit_log.py")
LEARN = str(_PAGES / "learn.py")
SETTINGS = str(_PAGES / "settings.py")
CONTINUE = str(_PAGES / "continue_on_phone.py")
