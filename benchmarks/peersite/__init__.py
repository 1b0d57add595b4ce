"""A site of django-appointment, set up as its README says: the peer that is measured."""
