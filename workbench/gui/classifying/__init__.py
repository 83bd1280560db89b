"""Zero-shot classification: what is asked, and what came of it."""
