"""Which encoders there are by name: bundled, worth knowing, of libraries, and from packages."""
