"""MediaPipe's face landmarker and face mesh. Takes seconds to import: `liveness.landmarks` does when it first needs it.

MediaPipe reports to its maker how it is used whenever a landmarker is closed: no pictures, but a request to a host on
the internet all the same. It has no switch for that. Its builds for Linux make the request with libcurl, which heeds
the usual variables: a proxy of a kind that does not exist makes it give up before it looks up or calls anybody.
Builds for other systems ask the system for its proxy, and are not kept from it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liveness.lazily import put_off

with put_off("matplotlib.pyplot"):  # MediaPipe imports it for drawings; it takes as long as all the rest
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

# In the environment of native code only: Python's own libraries go by os.environ, which does not learn of these.
_NOWHERE = {"https_proxy": "none://nowhere", "no_proxy": "localhost"}  # the latter in place of a "*" of the user's


class Landmarker(vision.FaceLandmarker):  # type: ignore[misc]  # MediaPipe has no types
    """Is not closed by the garbage collector, which may run in the middle of an import: MediaPipe's own thread can be
    waiting for that import, and closing waits for the thread.
    """

    _forgotten: ClassVar[list[Landmarker]] = []

    def __del__(self) -> None:
        self._forgotten.append(self)

    @classmethod
    def load(cls, model: Path, stills: bool) -> Landmarker:
        """Make one that finds up to two faces.

        Parameters
        ----------
        model : path
        stills : bool
            Whether pictures are unrelated, not the frames of a video.
        """
        for name, value in _NOWHERE.items():
            os.putenv(name, value)
        while cls._forgotten:
            cls._forgotten.pop().close()
        made = vision.FaceLandmarker.create_from_options(
            vision.FaceLandmarkerOptions(
                base_options=BaseOptions(model_asset_path=str(model)),
                running_mode=vision.RunningMode.IMAGE if stills else vision.RunningMode.VIDEO,
                num_faces=2,
                output_face_blendshapes=True,
                output_facial_transformation_matrixes=True,
            )
        )
        made.__class__ = cls
        return made

    def find(self, rgb: npt.NDArray[np.uint8], time_ms: int | None = None) -> Any:
        """Find faces in a picture, contiguous in memory; with the time of a frame of a video, which must rise."""
        image = mp.Image(mp.ImageFormat.SRGB, rgb)
        return self.detect(image) if time_ms is None else self.detect_for_video(image, time_ms)


def mesh_edges() -> list[tuple[int, int]]:
    """Pairs of landmarks that the face mesh joins: three for each of its triangles."""
    return [(edge.start, edge.end) for edge in vision.FaceLandmarksConnections.FACE_LANDMARKS_TESSELATION]
