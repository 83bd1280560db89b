"""What is left when the program goes wrong: reports that people can read, copy and send.

A report says what went wrong and where in the program, on which system and with which libraries. It
holds nothing of the user's files beyond what an error itself says of them, and is sent nowhere.
"""

from workbench.crashes.black_box import BlackBox, LeftBehind, take_left_behind
from workbench.crashes.report import (
    remember,
    report_of,
    report_with,
    reports_folder,
    write_report,
)

__all__ = [
    "BlackBox", "LeftBehind", "remember", "report_of", "report_with", "reports_folder",
    "take_left_behind", "write_report",
]  # fmt: skip
