"""The deepfakes and forgeries that LensLock teaches and tests with.

An attack is one file in `attacks.recipes`. All that comes out of here is simulated: show it to people only with
`attacks.face.puppet.label` on it. Knows nothing of Streamlit. Import from the modules.
"""
