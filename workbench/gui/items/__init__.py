"""Items as widgets that several pages use: cards and strips of them, previews, neighbour lists.

Take what shows an item; nothing here knows a run or a question.
"""
