"""What is fetched for a model, and what of it lies on this machine."""
