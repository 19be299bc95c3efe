"""What holds for all tests."""

import signal

from hypothesis import settings

# A shell starts what runs in the background with Ctrl-C ignored, which every process below inherits; the tests interrupt some of them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("any machine", deadline=None)  # how long an example takes says more about what else runs than about the code
settings.load_profile("any machine")
