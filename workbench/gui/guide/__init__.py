"""A short walk over the window, shown on the first start."""
