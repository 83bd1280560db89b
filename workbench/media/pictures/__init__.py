"""Pictures: read as a person sees them, drawings rendered, small ones for the window."""
