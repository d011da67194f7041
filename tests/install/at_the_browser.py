"""Starts `course lab` and asks of it what a browser would: the notebooks, and a lesson's cells run in a kernel.

Run by the installed course's Python: `python at_the_browser.py LESSON`. Prints what it found as JSON on its last line.
"""

import asyncio
import json
import socket
import sys
import uuid

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.simple_httpclient import HTTPStreamClosedError
from tornado.websocket import websocket_connect

KEY = {"Authorization": "token key"}


async def main(lesson):
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    lab = await asyncio.create_subprocess_exec(
        "course", "lab", "--no-browser", "--port", address.split(":")[1], "--", "--ServerApp.token=key",
        stderr=asyncio.subprocess.PIPE)
    log = asyncio.create_task(lab.stderr.read())
    try:
        while lab.returncode is None and not await answers(address):
            pass
        found = await look_around(address, lesson)
    finally:
        if lab.returncode is None:
            lab.terminate()
        status = await lab.wait()
        print((await log).decode(), file=sys.stderr)
    complaints = [line for line in log.result().decode().splitlines() if line.startswith("[E") or "Traceback" in line]
    print(json.dumps({**found, "status": status, "complaints": complaints}))


async def answers(address):
    """What the server says of itself; None while it is not there yet, or tries the port and lets go of it again."""
    try:
        return await ask(address, "/api/status")
    except (ConnectionError, HTTPStreamClosedError):
        return None


async def look_around(address, lesson):
    """The names of the notebooks, and how many of the lesson's cells run, of how many."""
    found = {kind: [item["name"] for item in (await ask(address, f"/api/contents/{kind}"))["content"]]
             for kind in ("lessons", "exercises")}
    cells = (await ask(address, f"/api/contents/lessons/{lesson}"))["content"]["cells"]
    sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    session = await ask(address, "/api/sessions", {"path": f"lessons/{lesson}", "name": lesson, "type": "notebook",
                                                   "kernel": {"name": "python3"}})
    return {**found, "ran": [await execute_all(address, session["kernel"]["id"], sources), len(sources)]}


async def ask(address, path, body=None):
    request = HTTPRequest(f"http://{address}{path}", headers=KEY, method="POST" if body else "GET",
                          body=json.dumps(body) if body else None, request_timeout=60)
    return json.loads((await AsyncHTTPClient().fetch(request)).body)


async def execute_all(address, kernel, sources):
    """How many cells ran; the first that fails is told and ends it."""
    channels = await websocket_connect(HTTPRequest(f"ws://{address}/api/kernels/{kernel}/channels", headers=KEY))
    for number, source in enumerate(sources):
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": "s", "username": "", "version":
                  "5.3"}
        content = {"code": source, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        await channels.write_message(json.dumps({"channel": "shell", "header": header, "parent_header": {},
                                                 "metadata": {}, "content": content}))
        reply = {}
        while reply.get("msg_type") != "execute_reply" or reply["parent_header"]["msg_id"] != header["msg_id"]:
            message = await channels.read_message()
            reply = json.loads(message) if isinstance(message, str) else {}
        if reply["content"]["status"] != "ok":
            print("\n".join(reply["content"].get("traceback", [])))
            return number
    return len(sources)


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(main(sys.argv[1]), 180))
