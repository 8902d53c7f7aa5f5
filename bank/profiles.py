"""A profile of the policy: one set of rules for a verification. Each number has its range, and says what it is."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeAlias, get_args

from pydantic import Field, model_validator

from bank.validation import Part, in_order

FactorName = Literal["face", "liveness", "camera", "face region", "freshness"]
FACTORS: tuple[FactorName, ...] = get_args(FactorName)
Factors: TypeAlias = Annotated[tuple[FactorName, ...], Field(strict=False)]  # TOML has arrays, no tuples

# liveness.session.NEUTRAL_S and liveness.swaps.MOST_SWAPS: the former brings NumPy and OpenCV along. A test compares.
_NEUTRAL_S = 1.5
_MOST_SWAPS = 2


def _number(title: str, what: str, *, ge: float, le: float, raised: str) -> Any:
    """A number in its range: what people call it, what it is, and what raising it does."""
    return Field(ge=ge, le=le, title=title, description=what, json_schema_extra={"raised": raised})


class FaceRules(Part):
    """Whether the face is the enrolled one (`liveness.identity`)."""

    similarity: float = _number(
        "Likeness",
        "How alike the face and the enrolled one must be (cosine similarity, at most 1).",
        ge=0.363,  # OpenCV's own threshold, which lets some strangers in
        le=0.95,
        raised="Fewer strangers pass, but poor light or new glasses keep the right person out more often.",
    )


class LivenessRules(Part):
    """The challenge, and the passive vote."""

    steps: int = _number(
        "Prompts",
        "How many movements are asked for (challenge).",
        ge=3,  # liveness.challenge.MIN_STEPS
        le=10,
        raised="A video that was recorded before fits less often, but the check takes longer.",
    )
    step_seconds: float = _number(
        "Time for a prompt",
        "So long each prompt waits for its answer.",
        ge=2,
        le=60,
        raised="Slow visitors manage, but an attacker has more time to steer a deepfake.",
    )
    slow_step_seconds: float = _number(
        "Time for a prompt, where more is asked for",
        "So long each prompt waits for somebody who said before the check that they need more time.",
        ge=2,
        le=120,
        raised="Slower visitors manage, but whoever asks for it has more time to steer a deepfake.",
    )
    min_windows: int = _number(
        "Votes",
        "Groups of ten frames that must be judged (windows).",
        ge=3,  # liveness.vote judges from three on
        le=100,
        raised="The vote is surer, but the check takes longer.",
    )
    session_s: float = _number(
        "Longest check",
        "From the first frame to the last.",
        ge=5,
        le=600,
        raised="More time to find light, and for an attacker to prepare.",
    )

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        in_order(self, "step_seconds", "slow_step_seconds")
        needed = (self.steps + _MOST_SWAPS) * self.slow_step_seconds + _NEUTRAL_S
        if self.session_s < needed:
            raise ValueError(
                f"session_s: expected time for all steps, {_MOST_SWAPS} more in place of some, and for people who need "
                f"more of it, {needed:g} or more, got {self.session_s:g}"
            )
        return self


class CameraRules(Part):
    """The whole frame against the fingerprint."""

    pce: float = _number(
        "Score",
        "How sharply the noise of all stills must agree with the fingerprint (peak-to-correlation energy, PCE).",
        ge=30,  # below about 30 it is noise (prnu.match)
        le=10_000,
        raised="Fewer pictures of other cameras pass by chance, but more genuine ones fail, dark ones first.",
    )
    false_alarm: float = _number(
        "Probability of a false alarm",
        "At most so likely may another camera score as high (p-value).",
        ge=1e-15,
        le=1e-3,
        raised="More genuine checks pass, and more of other cameras, too.",
    )
    min_stills: int = _number(
        "Stills",
        "Lossless pictures that must be usable; with fewer it cannot tell.",
        ge=1,
        le=100,
        raised="The pattern stands out better, most of all in the face, but the check takes longer.",
    )


class FaceRegionRules(Part):
    """The place of the face on its own."""

    p_value: float = _number(
        "Probability of a false alarm",
        "The same for the place of the face alone, which tells a face that was pasted in (p-value).",
        ge=1e-15,
        le=1e-2,
        raised="More genuine faces pass, and more pasted ones, too.",
    )
    min_share: float = _number(
        "Stills with the face in place",
        "The share of stills that must show the face at one place.",
        ge=0.25,
        le=1,
        raised="The test is surer, but visitors must keep still for longer.",
    )


class FreshnessRules(Part):
    """Whether a still is of this attempt, and shows what the stream showed."""

    max_delay_s: float = _number(
        "Latest arrival of a still",
        "From the moment it was asked for.",
        ge=0.5,
        le=120,
        raised="Slow networks work, but there is more time to make a forgery.",
    )
    moment_s: float = _number(
        "What counts as the same moment",
        "Frames of the video so near to a still are compared with it.",
        ge=0.05,
        le=5,
        raised="Streams that lag more pass, but a still of another moment may, too.",
    )
    yaw_deg: float = _number(
        "Turn of the head",
        "So much it may differ between still and video (yaw).",
        ge=1,
        le=45,
        raised="Fast turns pass, but a still of another moment may, too.",
    )
    pitch_deg: float = _number(
        "Nod of the head",
        "So much it may differ between still and video (pitch).",
        ge=1,
        le=45,
        raised="Fast nods pass, but a still of another moment may, too.",
    )
    roll_deg: float = _number(
        "Tilt of the head",
        "So much it may differ between still and video (roll).",
        ge=1,
        le=45,
        raised="Fast tilts pass, but a still of another moment may, too.",
    )
    offset: float = _number(
        "Place of the face",
        "So far apart it may be in still and video, as a share of its width.",
        ge=0.01,
        le=1,
        raised="People who move pass, but a still of another moment may, too.",
    )
    scale: float = _number(
        "Size of the face",
        "So much it may differ between still and video, as a ratio.",
        ge=1.01,
        le=3,
        raised="People who come nearer pass, but a still of another moment may, too.",
    )
    similarity: float = _number(
        "Likeness of still and video",
        "How alike the face in both must be (cosine similarity, at most 1).",
        ge=0.363,
        le=0.95,
        raised="Another person's stills are found more surely, but blurred ones of the same person fail more often.",
    )
    duplicate: float = _number(
        "Known shot",
        "Two stills whose noise agrees so much are one shot used twice (correlation).",
        ge=0.05,
        le=0.99,
        raised="Fewer false finds, but a shot that was changed a little more is not known again.",
    )
    copy_false_alarm: float = _number(
        "False alarm of the copy test",
        "So likely an innocent still fails the test for a planted pattern (triangle test).",
        ge=1e-9,
        le=0.1,
        raised="More planted patterns are found, but more genuine stills are suspected.",
    )
    min_matched: float = _number(
        "Stills that agree with the video",
        "The share that must.",
        ge=0.5,
        le=1,
        raised="Foreign stills are found sooner, but a blink at the wrong moment counts more.",
    )
    min_telling: int = _number(
        "Stills that show the answer",
        "So many must show the head turned, as no old still does by itself.",
        ge=0,
        le=100,
        raised="Old stills are found more surely, but visitors must hold the turn for longer.",
    )


class CaptureRules(Part):
    """How much an attempt takes in."""

    max_stills: int = _number(
        "Stills at most",
        "More are not asked for.",
        ge=1,
        le=100,
        raised="More evidence, but more work for the server.",
    )
    max_megapixels: float = _number(
        "Megapixels at most",
        "Of all stills together.",
        ge=0.1,
        le=1_000,
        raised="Larger cameras give more evidence, but take more memory.",
    )


class StepUpRules(Part):
    """Inconclusive attempts after which a person is asked to confirm by another way."""

    tries: int = _number(
        "Undecided tries",
        "After so many the customer confirms in another way.",
        ge=1,
        le=20,
        raised="More patience with poor light, and with attackers who try.",
    )
    window_s: float = _number(
        "Tries that belong together",
        "Within so long.",
        ge=60,
        le=86_400,
        raised="Tries are counted for longer, so that another way is asked for sooner.",
    )


class Profile(Part):
    """One set of rules for a verification."""

    about: str = Field(min_length=1, max_length=300, description="What it is for, in one sentence.")
    required: Factors = Field(description="The factors that must pass; each of `FACTORS` is here or in `advisory`.")
    advisory: Factors = Field(description="The factors that are only recorded.")
    face: FaceRules
    liveness: LivenessRules
    camera: CameraRules
    face_region: FaceRegionRules
    freshness: FreshnessRules
    capture: CaptureRules
    step_up: StepUpRules

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        named = (*self.required, *self.advisory)
        for factor in FACTORS:
            if (times := named.count(factor)) != 1:
                came = "it is in neither" if not times else f"it is there {times} times"
                raise ValueError(f"required, advisory: expected {factor!r} once in one of them, {came}")
        if "camera" not in self.required:
            raise ValueError("advisory: 'camera' is always required, move it there")
        needed = max(self.camera.min_stills, self.freshness.min_telling)
        if self.capture.max_stills < needed:
            raise ValueError(
                f"capture.max_stills: expected {needed} or more, as camera.min_stills and freshness.min_telling ask, "
                f"got {self.capture.max_stills}"
            )
        return self
