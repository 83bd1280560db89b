"""The parts of the Export page, what is written and where it lies; and how a run comes back."""
