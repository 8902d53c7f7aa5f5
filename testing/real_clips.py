"""Clips of real and generated people that figures are measured on: what each shows, by its file name."""

from __future__ import annotations

CLIPS = {
    "aniportrait_cxk.mp4": "generated from one photo",
    "aniportrait_solo.mp4": "generated from one photo",
    "aniportrait_zl.mp4": "generated from one photo",
    "hysts_video00.mp4": "hands before the face, glances",
    "hysts_video04.mp4": "two people, profiles",
    "intel_headpose_female.gif": "head turn, 23 frames",
    "intel_headpose_male.gif": "still smile, no blink",
    "intel_headpose_two_people.gif": "two people",
    "liveportrait_d13.mp4": "selfie with glasses",
    "liveportrait_d20.mp4": "low light, no blink",
    "liveportrait_d3.mp4": "winks, long look down",
    "liveportrait_d9.mp4": "selfie with glasses",
    "liveportrait_s18.mp4": "portrait",
    "pushto_blinking_4.mp4": "close-up",
}
