"""Around the pages: the main window with its rail and menus, and what opens from them."""
