"""The parts of the Label page: what is asked, what may be its partner, and pairs in doubt."""
