"""The parts of the Export page: what can be written, and where it lies once it is."""
