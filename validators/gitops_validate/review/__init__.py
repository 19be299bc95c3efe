"""A change and what it does: two states of a checkout, rendered, paired object by object, and put into words."""
