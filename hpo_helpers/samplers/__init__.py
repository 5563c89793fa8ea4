"""How the next configuration is chosen."""

from typing import Protocol

import numpy as np

from ..spaces import Space, Values
from ..trials import Trials


class Sampler(Protocol):
    """What `Search` asks: anything with this method.

    It may have another, ``suggest_together(space, trials, rng, n)``, which returns a list of at least one and
    at most n such values, for as many trials that can begin now.
    """

    def suggest(self, space: Space, trials: Trials, rng: np.random.Generator) -> Values:
        """Return the values to try next, see `Space`.

        They depend on nothing but the arguments and the sampler's own settings. Trials that run are
        among `trials`, without a loss.

        Raises
        ------
        Exhausted
            When nothing is left to try.
        """
        ...
