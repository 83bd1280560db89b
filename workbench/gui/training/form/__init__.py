"""What is to be trained: method, settings, α and budget.

Take `TrainingSetup`, and `SettingsForm` for any pydantic model.
"""
