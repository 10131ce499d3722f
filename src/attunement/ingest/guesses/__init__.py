"""Guesses: what the columns of files found in a clinic may mean, each guess with its reason."""
