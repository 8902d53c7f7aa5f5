"""How it works: the idea, the score, the limits, and the words."""

import streamlit as st

from prnu import THRESHOLD
from ui.shell import links
from ui.text import decision, glossary, match_view

st.title("How it works")
st.markdown(
    """
##### Five questions
A check asks five things at once, because each of them alone can be fooled. All must pass; what cannot be told does not
count as passed.
"""
)
st.markdown(
    "\n".join(
        f"- **{title}**: {question} :gray[Its limit: {match_view.LIMITS[name]}]"
        for name, (title, question) in decision.FACTORS.items()
    )
)
st.markdown(
    f"""
##### A fingerprint that nobody sees
The millions of photosites of a camera's sensor are not quite alike: some turn the same light into half a per cent
more signal, some into less. That pattern is fixed when the sensor is made, differs from sensor to sensor, even of one
model, and is multiplied into every picture: much too faint for the eye, but the same each time.

##### From photos to a fingerprint
The program takes away from each photo what the picture is made of, and keeps the noise. Averaged over 15 to 25
photos, chance cancels out and the fixed pattern remains. Blank walls and skies serve best: there is little picture to
take away.

##### From a fingerprint to a score
The noise of a new photo is laid over the fingerprint. If the two agree sharply at one place and nowhere else, the photo
is consistent with that sensor. The score says how sharply. **{THRESHOLD:.0f}** is the threshold; other cameras score
around 0.

##### One region on its own
A swapped face leaves the rest of the photo alone, so the photo as a whole still matches. That is why the map compares,
place by place, the pattern that is found with the pattern that should be there.
"""
)
left, right = st.columns(2, border=True)
left.markdown(
    """
##### :material/shield: What the camera's pattern stops
- A deepfake made from photos in social media: it has no noise of your camera.
- A photo by another camera, also of the same model.
- A face pasted into a genuine photo, where the region can tell.
"""
)
right.markdown(
    """
##### :material/warning: What it does not stop
- Someone who holds the camera itself, or whose program takes photos with it unseen.
- Someone who has the fingerprint, or enough original photos to make one: they can forge it into a picture.
- It cannot tell once a photo was scaled, strongly compressed or filtered. No match is then no proof of another camera.
"""
)
st.page_link(links.ATTACK_LAB, label="See both for yourself in the attack lab", icon=":material/bolt:")
with st.expander("Words", icon=":material/menu_book:"):
    st.markdown(glossary.WORDS)
st.caption(
    "After Lukáš, Fridrich and Goljan, IEEE TIFS 1(2), 2006; Chen, Fridrich, Goljan and Lukáš, IEEE TIFS 3(1), 2008; "
    "Goljan, Fridrich and Filler, SPIE 7254, 2009; Mukherjee and Mohanty on deepfakes in selfie-banking."
)
