"""Inner loops compiled by numba; importing a module of this folder loads numba, so it is done at
the first fit and not with the package."""
