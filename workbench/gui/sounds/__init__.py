"""Recordings in the window: shown, played, and spoken into the microphone.

Take `SoundView`, `Player` and `RecordButton`; without a sound device they say so.
"""
