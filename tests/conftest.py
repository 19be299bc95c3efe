"""What holds for all tests."""

import signal

# A shell starts what runs in the background with Ctrl-C ignored, which every process below inherits; the tests interrupt some of them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
