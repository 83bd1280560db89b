"""Recordings: opened whatever their kind, and read as speech encoders want them."""
