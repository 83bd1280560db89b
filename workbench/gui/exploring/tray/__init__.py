"""Below the maps: the selected items and the answers as rows of cards.

Take `SelectedTray` and `AnswersTray`.
"""
