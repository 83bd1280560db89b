"""What the window can be told to do: one declaration an action."""
