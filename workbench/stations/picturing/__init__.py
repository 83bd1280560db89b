"""Pictures of maps, curves and sweeps, for papers and talks."""
