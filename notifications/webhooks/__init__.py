"""Telling other programs what happened: signed, without a personal fact, once or a recognisable once more."""
