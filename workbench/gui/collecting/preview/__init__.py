"""What a scan would find, and what it would leave out.

Take `LivePreview`, `Findings` and the table of what was left out.
"""
