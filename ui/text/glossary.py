"""The words of the field and of this app, explained."""

WORDS = """
- **Registered** (enrolled): known to the bank, with a face and a camera that checks are compared with.
- **PRNU** (photo-response non-uniformity): the sensor's fixed pattern, called fingerprint here.
- **Noise residual**: a photo less a smoothed copy of itself.
- **PCE** (peak-to-correlation energy): the score. The squared agreement at the expected place over its mean elsewhere.
- **False-alarm probability** (p-value): how often a photo of another camera would score as high by chance.
- **Local correlation**: agreement in a small block, -1 to 1. Even a genuine photo has only some hundredths.
- **z**: agreement in units of what chance gives; 3 is rare, 7 is beyond doubt.
- **Scene leakage**: photos of one unmoving scene put that scene into the fingerprint, which then "matches" the scene.
- **Face template**: 128 numbers computed from photos of a face. Two photos of one person give similar numbers; how
  similar says the likeness (cosine similarity, -1 to 1).
- **Liveness** and **freshness**: whether somebody alive answers in front of the camera, and whether the pictures were
  taken just now. Only a live video can tell; photos cannot.
- **Step-up**: neither accepted nor refused, as something could not be told. Another try, or another way, decides.
- **Audit log**: the record of all that was done and decided. Its entries are chained, so that a change shows.
- **Face swap** and **puppet**: somebody's face laid over another one in a video; one photo that is made to move.
- **Replay** and **injection**: showing a camera an old recording; feeding a check pictures that no camera just took.
- **Fingerprint copy**: a sensor's pattern, worked out from published photos, put into a forgery.
- **APCER** and **BPCER**: the share of attacks that is let in, and of genuine people that is not (ISO/IEC 30107-3).
- **Simulated camera**: a sensor that exists in this program only. What it shows says nothing of a real device.
"""
