"""Files that others may have written: a project is something that people send each other.

Whatever lies in a project folder is opened by one of these rooms, each for a kind of file: `small`
for settings, recipes and reports, `tensors` for heads, `hdf5` for embeddings and maps. They refuse
in a sentence what is no regular file (a pipe would wait for ever), what is larger or deeper than
such a file can be, and what is of another shape; nothing is allocated that a file only claims.
"""
