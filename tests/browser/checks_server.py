"""Checks without pages: ``python -m tests.browser.checks_server PORT FILE``.

The live routes, the director and the bank as the app has them, and one more route, /begin?customer=, which answers with
the token of a new check. Checks are as short as a policy may make them, nobody is locked out, and an ended session is
forgotten sooner, so that a minute shows what an hour does. FILE gets the notes of `testing.browser.server`.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bank.bank import Bank
from bank.policy import Policy
from testing.browser.server import Watch, observe
from ui.live.directors.verify import VerifyDirector
from ui.live.http import ROUTES
from ui.live.registry import SESSIONS
from ui.shell.allocator import share_heaps

LINGER_S = 2.0


def quick(policy: Policy) -> Policy:
    """Make a policy that asks for little and lets people try often."""
    demo = policy.profile("demo")
    changed = {
        "liveness": demo.liveness.model_copy(update={"min_windows": 3, "step_seconds": 20.0}),
        "camera": demo.camera.model_copy(update={"min_stills": 2}),
        "capture": demo.capture.model_copy(update={"max_stills": 12}),
    }
    often = policy.limits.model_copy(update={"per_customer": 10_000, "per_address": 10_000})
    return replace(policy, limits=often, profiles={"demo": demo.model_copy(update=changed)})


def main(port: int, path: Path) -> None:
    share_heaps()
    observe(Watch(path))
    SESSIONS._linger_s = LINGER_S
    bank = Bank(policy=quick(Policy.load()))

    def begin(request: Request) -> PlainTextResponse:
        ongoing = bank.begin(request.query_params["customer"])
        return PlainTextResponse(SESSIONS.open(VerifyDirector(bank, ongoing)).token)

    def health(_: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    routes = [*ROUTES, Route("/begin", begin), Route("/_stcore/health", health)]
    uvicorn.run(Starlette(routes=routes), port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
