"""Methods that train: the loop, its batches, terms and heads, and what is watched meanwhile.

Read `trainer` first, then `training`; `terms` has what is added to the loss of the pairs.
"""
