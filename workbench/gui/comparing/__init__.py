"""Comparing two spaces on the Explore page."""
