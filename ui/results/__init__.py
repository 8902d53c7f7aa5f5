"""Data behind pages, without Streamlit."""
