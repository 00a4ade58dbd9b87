"""All plots of the story world: to add one, write a file and name it here."""

from workbench.pocket.plots import (
    accident,
    birthday,
    dark,
    helping,
    learning,
    lost,
    making,
    moments,
    newcomer,
    quarrel,
    rain,
    runaway,
    sharing,
    voyage,
)

PLOTS = (
    lost.PLOT,
    sharing.PLOT,
    helping.PLOT,
    dark.PLOT,
    making.PLOT,
    birthday.PLOT,
    quarrel.PLOT,
    voyage.PLOT,
    rain.PLOT,
    learning.PLOT,
    newcomer.PLOT,
    runaway.PLOT,
    accident.PLOT,
    *moments.PLOTS,
    moments.ANGRY,  # twice: the longer plots have fewer angry and scared heroes
    moments.SCARED,
)
