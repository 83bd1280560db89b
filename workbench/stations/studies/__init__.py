"""Studies: one question, many trainings, and how sure the answer is.

Take `study` and `resume_study`, the table `READY_MADE`, and `StudyShelf` for what is kept.
"""
