"""Tuners of our own in PEFT's form, for methods that PEFT lacks.

Their classes inherit PEFT's, so these modules import torch and peft; nothing imports them but functions.
"""
