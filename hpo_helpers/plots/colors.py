"""The colors of every picture."""

#: Colors that people with any common color-vision deficiency can tell apart (Okabe & Ito 2008,
#: "Color Universal Design"; also Wong 2011, Nature Methods 8:441), and a gray. Yellow is for
#: areas only: as a line it is too pale on white.
COLORS = {
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "black": "#000000",
    "yellow": "#F0E442",
    "gray": "#767676",
}
