"""What the check of a browser talks to: routes for `st.App`, open to all, that keep nothing.

==== ============================= ====================================================================
POST /diagnosing/still?step=       a still of the test picture, as `ui.live.decode.read_still` takes it; JSON, see
                                   `ui.widgets.browser_check.pattern.compare`
GET  /diagnosing/events            a few server-sent events, a moment apart, and one of the kind "last"
==== ============================= ====================================================================

Refusals are those of `ui.live.http`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from ui.live.decode import STILL_BYTES, read_still
from ui.live.http import STILL_SECONDS, refusing
from ui.live.limits import Refused, Slots
from ui.widgets.browser_check.pattern import STEPS, compare

EVENTS, APART_S = 4, 0.15

_STILLS, _LISTENERS = Slots(4), Slots(20)


@refusing
async def still(request: Request) -> Response:
    """Compare a still with the test picture."""
    step = request.query_params.get("step", "")
    if step not in map(str, STEPS):
        raise Refused(422, "step", f"step must be one of {STEPS}.")
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise Refused(411, "length", "Send Content-Length: bodies of unknown length are not read.")
    if len(length) > 12 or int(length) > STILL_BYTES:
        raise Refused(413, "length", f"{length[:20]} bytes are announced, {STILL_BYTES:,} are the most.")
    with _STILLS.take():
        try:
            async with asyncio.timeout(STILL_SECONDS):
                body = await request.body()  # the server lets no more through than was announced
        except TimeoutError as error:
            raise Refused(
                408, "slow", f"It took longer than {STILL_SECONDS:g} s. A better connection helps."
            ) from error
        headers = dict(request.headers)
        found = await asyncio.to_thread(lambda: compare(read_still(body, headers), int(step)))
    return JSONResponse(found)


@refusing
async def events(_request: Request) -> Response:
    """Send a few events."""
    with _LISTENERS.take():
        pass  # refused here, while there is a status to refuse with
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_some(), media_type="text/event-stream", headers=headers)


async def _some() -> AsyncIterator[str]:
    try:
        with _LISTENERS.take():
            for number in range(EVENTS):
                yield f"data: {number}\n\n"
                await asyncio.sleep(APART_S)
            yield "event: last\ndata: 0\n\n"
    except Refused:
        return  # another one was faster


ROUTES = [
    Route("/diagnosing/still", still, methods=["POST"]),
    Route("/diagnosing/events", events, methods=["GET"]),
]
