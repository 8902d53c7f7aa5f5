"""LensLock: starts the app, with the routes that live pictures take. `streamlit run app.py`."""

import streamlit as st

from ui.live.http import ROUTES
from ui.shell.allocator import share_heaps
from ui.widgets.browser_check.http import ROUTES as DIAGNOSING_ROUTES

share_heaps()

app = st.App("ui/navigation.py", routes=[*ROUTES, *DIAGNOSING_ROUTES])
