"""Jobs in threads of the window, and what threads must agree on: imports and garbage."""
