"""Rows of files: in which encoding, parted by what, and which column says what of an item."""
