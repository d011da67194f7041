"""Where the course's notebooks are: the repository's folders in a checkout, packaged copies in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def content(name: str) -> Path:
    """The folder `lessons`, `exercises` or, unless this is a student edition, `solutions`.

    A checkout wins over packaged copies, so that an author always sees what was edited last.
    """
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    packaged = _PACKAGE / "_content" / name
    if packaged.is_dir():
        return packaged
    if name == "solutions":
        raise FileNotFoundError("This is a student edition of the course, made without the solutions.")
    raise FileNotFoundError(f"The course's folder {name!r} is in neither {checkout} nor {packaged.parent}: this "
                            "installation is incomplete. Install again, with: pip install --force-reinstall course")
