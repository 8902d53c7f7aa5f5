"""LensLock: starts the app, with the routes that live pictures take. `streamlit run app.py`."""

import streamlit as st

from ui.diagnosing.routes import ROUTES as DIAGNOSING_ROUTES
from ui.live.routes import ROUTES
from ui.memory import share_heaps

share_heaps()

app = st.App("ui/main.py", routes=[*ROUTES, *DIAGNOSING_ROUTES])
