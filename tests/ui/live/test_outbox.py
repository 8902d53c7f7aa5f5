from __future__ import annotations

import asyncio
import json
import threading

import pytest

from ui.live.outbox import KEPT, Outbox


def texts(found) -> list[str]:
    return [json.loads(message.text)["text"] for message in found]


def notice(text: str) -> dict:
    return {"type": "notice", "text": text}


def view(text: str) -> dict:
    return {"type": "view", "text": text}


def test_messages_come_in_order_and_once():
    box = Outbox()
    for text in "abc":
        box.post(notice(text))
    first = box.after(0)
    assert texts(first) == ["a", "b", "c"]
    assert [message.number for message in first] == [1, 2, 3]
    box.post(notice("d"))
    assert texts(box.after(3)) == ["d"]


def test_of_the_views_only_the_newest_is_sent():
    box = Outbox()
    for message in (view("1"), notice("a"), view("2"), view("3"), notice("b")):
        box.post(message)
    assert texts(box.after(0)) == ["a", "3", "b"]
    assert texts(box.after(4)) == ["b"]


def test_memory_is_bounded():
    box = Outbox()
    for number in range(10 * KEPT):
        box.post(notice(str(number)))
        box.post(view(str(number)))
    assert len(box.after(0)) == KEPT + 1


def test_nothing_is_sent_after_the_end():
    box = Outbox()
    box.post(notice("a"))
    box.close()
    box.post(notice("b"))
    assert texts(box.after(0)) == ["a"]
    assert box.closed


def test_numbers_that_json_does_not_know_are_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        Outbox().post({"type": "view", "progress": float("nan")})


def test_a_listener_wakes_up_for_a_message_of_another_thread():
    box = Outbox()

    async def listen():
        waiting = asyncio.create_task(box.wait(0, 20))
        await asyncio.sleep(0.05)
        threading.Thread(target=box.post, args=(notice("a"),)).start()
        return await waiting

    assert texts(asyncio.run(listen())) == ["a"]
    box.post(notice("nobody is listening any more"))


def test_a_listener_hears_of_the_end():
    box = Outbox()

    async def listen():
        waiting = asyncio.create_task(box.wait(0, 20))
        await asyncio.sleep(0.05)
        threading.Thread(target=box.close).start()
        return await waiting

    assert asyncio.run(listen()) == []
    assert box.closed


def test_waiting_ends_without_a_message_too():
    assert asyncio.run(Outbox().wait(0, 0.01)) == []
