from .challenge import Challenge as Challenge
from .challenge import random_challenge as random_challenge
from .identity import FaceMatcher as FaceMatcher
from .landmarks import FaceTracker as FaceTracker
from .session import LivenessSession as LivenessSession
from .video import LivenessReport as LivenessReport
from .video import analyse_video as analyse_video
from .watcher import Watcher as Watcher
