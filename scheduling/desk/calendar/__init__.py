"""The calendar of the desk: what is asked for, what fills it, how it is laid out, and its pages."""
