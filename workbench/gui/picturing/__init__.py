"""Pictures of what a page shows: copied, and saved as files."""
