"""What the capture component talks to: routes for `st.App(routes=ROUTES)`.

They stand outside Streamlit's sessions: the token says who is asking. Nothing is read before it is known to be welcome,
and nothing is decoded on the event loop, which all visitors share.

==== ================================= =================================================================
POST /live/frame?token=                a JPEG frame of the stream; 204, or a refusal. X-Captured and X-Sent, optional,
                                       say when it was, in seconds of the browser's clock
POST /live/shown?token=&number=        the prompt of a step was painted; 204. X-Painted and X-Sent, likewise
POST /live/decline?token=&step=        the visitor cannot do the step that is asked for; 204
POST /live/still?token=&number=        a still, as `ui.live.decode.read_still` takes it; 204, or a refusal
GET  /live/events?token=&after=        server-sent events: what the component shows and is asked for
GET  /live/picture?token=              what the camera sees, for onlookers, or what the director makes of it: the newest
                                       as JPEG, each in place of the one before (multipart/x-mixed-replace)
==== ================================= =================================================================

A refusal is JSON, ``{"code", "text"}``: 401 unknown token, 403 another site's page, 408 too slow, 409 not asked for,
twice or too late, 411 no Content-Length, 413 too long, 415 unknown format, 422 not such a picture, 429 too many.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, aclosing, contextmanager, suppress
from typing import TypeAlias, TypeVar
from urllib.parse import urlsplit

from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse, SendTimeoutError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ui.live.decode import FRAME_BYTES, STILL_BYTES, RawStill, read_frame, read_still
from ui.live.limits import Refused, Slots
from ui.live.registry import SESSIONS
from ui.live.session import LiveSession

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
Part = TypeVar("Part", dict[str, str], bytes)

BEAT_S = 5.0
"""Seconds after which the browser is told again that the server is still there."""

FRAME_SECONDS, STILL_SECONDS = 5.0, 20.0
"""Time for a body to arrive. The largest still takes 20 s at 3.2 Mbit/s; a usual one 3.5 s."""

PICTURES_PER_S = 15
"""Pictures that an onlooker gets in a second, at most."""

SEND_SECONDS = 20.0
"""Time for a listener to take what is sent: one who does not read would hold a place for ever."""

# Beyond these the server is busy, whoever asks: bodies under way take at most 12 + 128 MB.
_FRAMES, _STILLS, _LISTENERS, _WATCHERS = Slots(40), Slots(16), Slots(60), Slots(30)
_decoders = ThreadPoolExecutor(2, "live-decode")

_BOUNDARY = "lenslock-picture"
_STEP_LENGTH = 40  # characters of a step's name that are read
_LOOK_S = 0.02  # between two looks for a new picture


def refusing(handler: Handler) -> Handler:
    """Turn refusals into answers."""

    async def answered(request: Request) -> Response:
        try:
            _check_origin(request)
            return await handler(request)
        except Refused as refusal:
            headers = {"Cache-Control": "no-store"}
            if refusal.status in (411, 413):
                headers["Connection"] = "close"  # or the server would go on reading what nobody wants
            if refusal.status == 429:
                headers["Retry-After"] = "1"
            answer = {"code": refusal.code, "text": refusal.text}
            return JSONResponse(answer, status_code=refusal.status, headers=headers)
        except ClientDisconnect:
            return Response(status_code=400)  # to nobody

    return answered


@refusing
async def frame(request: Request) -> Response:
    """Take a frame of the stream; the newest one wins."""
    session = _session(request)
    if session.over:
        return Response(status_code=204)  # it was under way when the session ended: dropped, as any that comes late
    _check_type(request, "image/jpeg")
    length = _length(request, FRAME_BYTES)
    arrived_s = session.now_s
    session.pace.step(arrived_s)
    session.browser_time.heard(_said_s(request, "x-sent"), arrived_s)
    time_s = session.browser_time.frame(_said_s(request, "x-captured"), arrived_s)
    with session.frame_slots.take(), _FRAMES.take():
        body = await _body(request, length, FRAME_SECONDS)
        rgb = await asyncio.get_running_loop().run_in_executor(_decoders, read_frame, body)
    session.take_frame(rgb, time_s)
    return Response(status_code=204)


@refusing
async def shown(request: Request) -> Response:
    """Learn when the prompt of a step was painted."""
    session = _session(request)
    arrived_s = session.now_s
    session.pace.step(arrived_s)
    session.browser_time.heard(_said_s(request, "x-sent"), arrived_s)
    painted_s = session.browser_time.moment(_said_s(request, "x-painted"), arrived_s)
    session.prompt_shown(_number(request), painted_s, arrived_s)
    return Response(status_code=204)


@refusing
async def decline(request: Request) -> Response:
    """Learn that the visitor cannot do the step that is asked for."""
    session = _session(request)
    session.pace.step(session.now_s)
    step = request.query_params.get("step", "")[:_STEP_LENGTH]
    if not await asyncio.to_thread(session.decline, step):  # it is written down: that may wait for the database
        raise Refused(409, "step", "That is not asked for any more.")
    return Response(status_code=204)


@refusing
async def still(request: Request) -> Response:
    """Take a still that was asked for."""
    session = _session(request)
    number = _number(request)
    length = _length(request, STILL_BYTES)
    session.browser_time.heard(_said_s(request, "x-sent"), session.now_s)
    taken_s = session.browser_time.told(_said_s(request, "x-captured"))
    with session.still_slots.take(), _STILLS.take():
        session.claim(number)
        try:
            body = await _body(request, length, STILL_SECONDS)
            received_s = session.now_s
            read = asyncio.get_running_loop().run_in_executor(_decoders, read_still, body, dict(request.headers))
            planes = await read
            session.take_still(RawStill(number, received_s, request.headers["x-format"], planes, taken_s))
        except Refused as refusal:
            if refusal.status in (415, 422):
                session.turn_down(number, refusal.text)
            raise
        finally:
            session.release(number)
    return Response(status_code=204)


@refusing
async def events(request: Request) -> Response:
    """Send the session's messages as they come."""
    session = _session(request)
    after = request.headers.get("last-event-id") or request.query_params.get("after", "0")
    heard = int(after) if after.isascii() and after.isdigit() and len(after) < 12 else 0
    if session.outbox.closed and heard >= session.outbox.last:
        return Response(status_code=204)  # tells the browser not to come back
    return _lasting(_follow(session, heard), "text/event-stream", BEAT_S, session.listener_slots, _LISTENERS)


@refusing
async def picture(request: Request) -> Response:
    """Send what the camera sees, for as long as the session lasts."""
    session = _session(request)
    if session.over:
        raise Refused(409, "over", "The session has ended. Start a new one.")
    media_type = f"multipart/x-mixed-replace; boundary={_BOUNDARY}"
    return _lasting(_pictures(session), media_type, 0, session.watcher_slots, _WATCHERS)


class _Lasting(EventSourceResponse):
    """An answer that goes on until its listener leaves or the server stops; not for a listener who does not read."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it part by part."""
        with suppress(SendTimeoutError):
            await super().__call__(scope, receive, send)


def _lasting(content: AsyncGenerator[Part], media_type: str, beat_s: float, *slots: Slots) -> Response:
    """Answer with parts as they come, holding places meanwhile. Refused here, while there is a status for it."""
    with _places(slots):
        return _Lasting(
            _holding(content, slots),
            media_type=media_type,
            ping=beat_s,  # never, if 0
            ping_message_factory=lambda: ServerSentEvent("0", event="beat", sep="\n"),  # pages cannot see comments
            sep="\n",
            send_timeout=SEND_SECONDS,
        )


async def _holding(content: AsyncGenerator[Part], slots: Iterable[Slots]) -> AsyncGenerator[Part]:
    async with aclosing(content):
        with suppress(Refused), _places(slots):  # another one was faster; the browser comes back by itself
            async for part in content:
                yield part


@contextmanager
def _places(slots: Iterable[Slots]) -> Generator[None]:
    with ExitStack() as held:
        for places in slots:
            held.enter_context(places.take())
        yield


async def _follow(session: LiveSession, heard: int) -> AsyncGenerator[dict[str, str]]:
    while not (session.outbox.closed and heard >= session.outbox.last):
        session.start()
        for message in await session.outbox.wait(heard, 1.0):
            heard = message.number
            yield {"id": str(heard), "data": message.text}


async def _pictures(session: LiveSession) -> AsyncGenerator[bytes]:
    """Parts of the answer. Each ends with the next one's head: browsers show a picture when another one begins."""
    loop, opening = asyncio.get_running_loop(), f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\n\r\n".encode()
    sent = 0
    yield opening
    while not session.over:
        session.start()
        next_s = loop.time() + 1 / PICTURES_PER_S
        if session.showing.is_after(sent) and (shown := await loop.run_in_executor(_decoders, session.showing.newest)):
            sent = shown.number
            yield shown.jpeg + b"\r\n" + opening
            await asyncio.sleep(next_s - loop.time())
        else:
            await asyncio.sleep(_LOOK_S)


def _check_origin(request: Request) -> None:
    """Refuse what a page of another site sends in a visitor's name; only browsers send these headers."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    ours = {request.headers.get("host"), request.headers.get("x-forwarded-host")}
    if site not in (None, "same-origin") or (origin is not None and urlsplit(origin).netloc not in ours):
        raise Refused(403, "origin", "Only LensLock's own pages may send this.")


def _session(request: Request) -> LiveSession:
    session = SESSIONS.get(request.query_params.get("token", ""))
    if session is None:
        raise Refused(401, "token", "The session is unknown or has expired. Start a new one.")
    return session


def _number(request: Request) -> int:
    text = request.query_params.get("number", "")
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Refused(409, "number", f"Give the number of what was asked for, as it came, not {text[:20]!r}.")
    return int(text)


def _said_s(request: Request, header: str) -> float:
    """Seconds that a browser's clock said; NaN if it says nothing of the kind."""
    with suppress(ValueError):
        return float(request.headers.get(header, "nan")[:40])
    return math.nan


def _check_type(request: Request, wanted: str) -> None:
    found = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if found != wanted:
        raise Refused(415, "format", f"Frames are taken as {wanted}, not as {found[:40]!r}.")


def _length(request: Request, most: int) -> int:
    text = request.headers.get("content-length", "")
    if not (text.isascii() and text.isdigit()):
        raise Refused(411, "length", "Send Content-Length: bodies of unknown length are not read.")
    if len(text) > 12 or int(text) > most:
        raise Refused(413, "length", f"{text[:20]} bytes are announced, {most:,} are the most.")
    return int(text)


async def _body(request: Request, length: int, seconds: float) -> bytes:
    """Read a body of a known length in a limited time."""
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > length:
                    raise Refused(413, "length", f"More came than the {length:,} bytes that were announced.")
    except TimeoutError as error:
        text = f"{len(body):,} of {length:,} bytes came in {seconds:g} s. A better connection helps."
        raise Refused(408, "slow", text) from error
    if len(body) < length:
        raise Refused(422, "cut-off", f"Only {len(body):,} of {length:,} bytes came.")
    return bytes(body)


ROUTES = [
    Route("/live/frame", frame, methods=["POST"]),
    Route("/live/shown", shown, methods=["POST"]),
    Route("/live/decline", decline, methods=["POST"]),
    Route("/live/still", still, methods=["POST"]),
    Route("/live/events", events, methods=["GET"]),
    Route("/live/picture", picture, methods=["GET"]),
]
