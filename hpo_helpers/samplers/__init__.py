"""How the next configuration is chosen."""

from typing import Protocol

import numpy as np

from ..spaces import Space, Values
from ..trials import Trials


class Sampler(Protocol):
    """What `Search` asks: anything with this method."""

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
