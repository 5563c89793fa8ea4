"""Probability and nothing else: no trials, no spaces, no networks."""
