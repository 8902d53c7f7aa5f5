"""The bank: enrols customers with their face and their cameras, verifies selfies, and keeps the record.

Imports prnu and liveness, never Streamlit. Names are imported on first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
