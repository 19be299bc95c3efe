"""What holds for all tests."""

import signal

from hypothesis import settings

# How long one example takes says more of what else the machine does than of the code. Hypothesis' own profile for CI agrees.
settings.register_profile("unhurried", settings.get_profile("default"), deadline=None)
if settings.get_current_profile_name() == "default":
    settings.load_profile("unhurried")

# A shell starts what runs in the background with Ctrl-C ignored, which every process below inherits; the tests interrupt some of them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("any machine", deadline=None)  # how long an example takes says more about what else runs than about the code
settings.load_profile("any machine")
