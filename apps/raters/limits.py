"""How often somebody may knock: a bucket of tries for each, which fills again with time."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_MOST_KNOWN = 10_000


class Limiter:
    """A token bucket for each name; in memory, and the longest unseen names are forgotten first.

    Args:
        rate: tries a second that become free again.
        burst: tries at once.
        clock: seconds, growing.
    """

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.burst = rate, burst
        self._clock = clock
        self._guard = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, name: str) -> float:
        """Seconds until the next try; 0 where it is free now, and then it is used up."""
        with self._guard:
            now = self._clock()
            left, since = self._left.pop(name, (float(self.burst), now))
            left = min(self.burst, left + (now - since) * self.rate)
            free = left >= 1
            self._left[name] = (left - 1 if free else left, now)
            if len(self._left) > _MOST_KNOWN:
                self._left.popitem(last=False)
            return 0.0 if free else (1 - left) / self.rate
