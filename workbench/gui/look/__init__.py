"""How the window looks: its themes, fonts and one stylesheet."""
