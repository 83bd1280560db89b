"""The program in a window from its first moment: started, after a crash, and shown by itself."""
