"""The error whose text is meant for the user."""


class WorkbenchError(Exception):
    """Something the user can act on.

    The message is one or more whole sentences: what is wrong, where, and what to do. The command
    line prints it and exits with 2, the window shows it beside the job; neither shows a traceback.
    """
