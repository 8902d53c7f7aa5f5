"""The face factor: tell whether a live, single, enrolled person answers.

Knows nothing of cameras' noise, banks or Streamlit. Names are imported on first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
