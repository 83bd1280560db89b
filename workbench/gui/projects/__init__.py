"""Projects as the window comes to them: opened, made anew, and remembered."""

from workbench.gui.projects.opening import is_project, new_project, open_project, open_sample

__all__ = ["is_project", "new_project", "open_project", "open_sample"]
