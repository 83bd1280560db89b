"""A job in a process of its own, behind the same generator contract.

Encoders hold the interpreter's lock for long stretches, importing torch holds it for seconds, and
some libraries crash on a bad file. The window therefore lets such jobs run elsewhere: it stays
smooth, and survives.
"""

from workbench.job_process.process import JobProcess, JobProcessError, PromptControl
from workbench.job_process.running import in_kept_process, in_process

__all__ = ["JobProcess", "JobProcessError", "PromptControl", "in_kept_process", "in_process"]
