"""Arrays in, figures out.

What takes long to import (scipy.stats and scipy.optimize, which scipy loads when they are first used, statsmodels,
scikit-learn, evalica) is imported where it is needed: pages, the clock and most commands compute nothing.
"""
