"""Many points: raster, pyqtgraph item, map."""
