"""One virtual animal, moment by moment, and every neuron of it through time."""

from engramlab.live.animal import LiveAnimal
from engramlab.live.comparison import Comparison, compare
from engramlab.live.films import Film, film
from engramlab.live.frame import Frame

__all__ = ["Comparison", "Film", "Frame", "LiveAnimal", "compare", "film"]
