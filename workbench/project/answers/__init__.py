"""What a user said of items: its file, what it means here, what it does to pairs and splits."""
