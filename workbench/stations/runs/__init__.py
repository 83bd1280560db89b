"""What a run was made of, and what it made."""
