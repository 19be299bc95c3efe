"""What holds for all tests."""

import signal

from hypothesis import settings

# A machine that is busy is no fault of what is tested.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# A shell starts what runs in the background with Ctrl-C ignored, which every process below inherits; the tests interrupt some of them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
