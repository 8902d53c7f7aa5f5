"""Eight processes that do something at the very same moment."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from typing import Any

PROCESSES = 8

_gates: list[Barrier] = []  # one, in a process of the crowd


def _ready(gate: Barrier) -> None:
    _gates.append(gate)


def meet() -> None:
    """Wait, in one of the processes, until all others are as far."""
    _gates[0].wait(timeout=120)


class Crowd:
    """Eight processes that share nothing with each other, nor with the test."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["hypothesis", "pytest", "testing.selfie", "bank.bank"])  # once for all eight
        self._pool = ProcessPoolExecutor(PROCESSES, context, _ready, (context.Barrier(PROCESSES),))

    def start(self, work: Callable, *arguments: Any) -> list:
        """Begin work(number, *arguments) in each process; it has to `meet` the others once. Returns futures."""
        return [self._pool.submit(work, number, *arguments) for number in range(PROCESSES)]

    def run(self, work: Callable, *arguments: Any) -> list:
        return [future.result(timeout=240) for future in self.start(work, *arguments)]

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
