"""How the next configuration is chosen.

A sampler has one method, ``suggest(space, trials, rng)``, which returns a configuration of
``space`` and depends on nothing but its three arguments and the sampler's own settings.
It raises ``StopIteration`` when nothing is left to try.
"""
