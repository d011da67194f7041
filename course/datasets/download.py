"""Files from the network: continued where they broke off, checked, and never half there."""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

PIECE = 1 << 20  # bytes at a time
PATIENCE = 30.0  # seconds without a byte


def checksum(path: Path) -> str:
    """The MD5 of a file, which is what the publishers of data sets give: it finds accidents, not forgeries."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def download(urls: Sequence[str], path: Path, md5: str) -> None:
    """Fetch the file `path` from the first of `urls` that has it whole.

    What has arrived is kept beside it as `.part` and continued, also by a later call; `path` appears only when the
    checksum is right. Raises RuntimeError where no address gives the file.
    """
    if path.exists() and checksum(path) == md5:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    faults = []
    for url in urls:
        try:
            _continue(url, part)
        except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
            faults.append(f"{url}: {error}")
            continue
        if checksum(part) == md5:
            os.replace(part, path)
            return
        part.unlink()  # what is wrong is not continued
        faults.append(f"{url}: the file has another checksum than it should have (MD5 {md5})")
    raise RuntimeError(f"{path.name} could not be downloaded; what arrived is kept and continued by the next call.\n"
                       + "\n".join(faults))


def _continue(url: str, part: Path) -> None:
    """Append to `part` what is missing of it; a server that cannot continue sends all anew."""
    here = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={here}-"} if here else {})
    try:
        answer = urllib.request.urlopen(request, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        if error.code == 416 and here:  # nothing is missing: the checksum will tell
            return
        raise
    with answer, open(part, "ab" if answer.status == 206 else "wb") as file:
        missing = int(answer.headers.get("Content-Length", -1))
        while piece := answer.read(PIECE):
            file.write(piece)
            missing -= len(piece)
    if missing > 0:
        raise http.client.IncompleteRead(b"", missing)
