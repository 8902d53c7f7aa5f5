"""The camera factor: recognise a camera by its sensor noise (PRNU).

Knows nothing of faces, banks or Streamlit.
"""

from prnu.evidence import Evidence, gather
from prnu.fingerprint import Fingerprint, FingerprintError, FingerprintEstimator
from prnu.images import ImageError, load_luma
from prnu.match import THRESHOLD, Match, Search, match
from prnu.residual import noise_residual

__all__ = [
    "THRESHOLD",
    "Evidence",
    "Fingerprint",
    "FingerprintError",
    "FingerprintEstimator",
    "ImageError",
    "Match",
    "Search",
    "gather",
    "load_luma",
    "match",
    "noise_residual",
]
