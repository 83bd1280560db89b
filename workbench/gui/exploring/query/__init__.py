"""The line in which one asks: words, pictures, sounds and items as chips.

Take `QueryBar`.
"""
