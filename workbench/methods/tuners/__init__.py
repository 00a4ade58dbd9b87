"""Tuners of our own in PEFT's form, and modules of other methods that PEFT lacks.

Their classes inherit PEFT's and torch's, so these modules import torch and peft; nothing imports them but functions.
"""
