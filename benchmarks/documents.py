"""What becomes of the numbers: a line in the terminal, a file in benchmarks/results, and, made from these files, the
page docs/speed.md, the chart docs/speed.svg and the part of the README that shows it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from .measure import OTHERS

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE, CHART, README = ROOT / "docs" / "speed.md", ROOT / "docs" / "speed.svg", ROOT / "README.md"
PART = re.compile(r"(?s)(<!-- speed: written by `python -m benchmarks` -->\n).*?(<!-- /speed -->\n)")

# ---- The files ------------------------------------------------------------------------------------------------------


def keep(found):
    """Store what a run found; the file is named after the machine."""
    machine = found["machine"]
    name = f"{machine['cpu']} {machine['cores']} cores {machine.get('gpu', '')}"
    path = RESULTS / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.json"
    RESULTS.mkdir(exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def kept():
    """What was stored: on CPUs first, the newest first."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))]
    found.sort(key=lambda result: result["date"], reverse=True)
    return sorted(found, key=lambda result: result["device"])


def write():
    """All documents, from what was stored."""
    found = kept()
    if found:
        PAGE.write_text(page(found), encoding="utf-8")
        draw(found[0], CHART)
    README.write_text(readme(README.read_text(encoding="utf-8"), found), encoding="utf-8")


# ---- Lines ----------------------------------------------------------------------------------------------------------

COLUMNS = {"numpy": "NumPy", "course": "course", "torch": "PyTorch"}


def with_threads(count):
    return f"{count} thread{'s' * (count > 1)}"


def amount(value, unit):
    if unit == "bytes":
        return f"{value / 1e6:.0f} MB"
    scale, name = next(((s, name) for s, name in ((1, "s"), (1e-3, "ms")) if value >= 0.9995 * s), (1e-6, "µs"))
    return f"{value / scale:#.3g} {name}".replace(". ", " ")


def cells(row):
    """A row of the table: what each side took, the ratios, the target, the share of the limit."""
    sides = [amount(row[side]["median"], row["unit"]) if side in row else "" for side in COLUMNS]
    ratios = [f"{row[f'ratio_to_{side}']:#.3g}".rstrip(".") if f"ratio_to_{side}" in row else "" for side in OTHERS]
    limit = row.get("limit")
    return [*sides, *ratios, f"{row['target']:g}", f"{limit['share']:.0%} of {limit['of']}" if limit else ""]


WIDTHS = (10, 10, 10, 9, 11, 8, 24)
TITLES = [*COLUMNS.values(), "× NumPy", "× PyTorch", "target", "limit"]


def heading(found, threads):
    return f"\n{machine(found)}, {with_threads(threads)}\n{limits(found, threads)}\n{aligned('work', TITLES)}"


def line(row):
    return aligned(row["work"], cells(row)) + ("  below its target" if below(row) else "")


def aligned(name, texts):
    return f"{name:46s}" + "".join(f"{text:>{width}s}" for text, width in zip(texts, WIDTHS))


def below(row):
    return row.get("ratio_to_torch", row["target"]) < row["target"]


def machine(found):
    about = found["machine"]
    return ", ".join([*([about["gpu"]] if "gpu" in about else []), f"{about['cpu']} ({about['cores']} cores)",
                      about["system"]])


def versions(found):
    """Of what ran, by the names that people know."""
    names = {"torch": "PyTorch", "numpy": "NumPy"}
    return ", ".join(f"{names.get(name, name)} {version}" for name, version in sorted(found["versions"].items()))


def limits(found, threads):
    measured = found["limits"][str(threads)]
    if measured is None:
        return "limits of the GPU are not measured"
    rates = measured["bytes_per_second"]
    smallest, largest = (f"{rates[size] / 1e9:.0f} GB/s for {int(size) / 2**20:g} MB"
                         for size in (min(rates, key=int), max(rates, key=int)))
    return f"bandwidth {smallest} and {largest}, matrix product {measured['flops_per_second'] / 1e9:.0f} GFLOP/s"


# ---- The page -------------------------------------------------------------------------------------------------------

ABOUT = """\
# Speed

Written by `python -m benchmarks --save`, with the files in `benchmarks/results`. Each kind of work
([the programs](../benchmarks/work.py)) is done in float32 by the course, by [plain NumPy](../benchmarks/plain.py) and
by PyTorch, in processes that take turns. Shown are medians; *× NumPy* and *× PyTorch* are the medians of their time
over the course's time in the same turn: above 1 the course is faster. *Target* is what the ratio to PyTorch must reach;
a ratio below it stands in **bold**. *Limit* is the share of what the machine can do at most, measured in the same run:
the bandwidth of a copy or an addition of arrays as large, or the speed of a large matrix product. Only what must cross
memory counts, and only the operations of matrix products. Import and peak memory are those of new processes.
"""


def page(results):
    return "\n".join([ABOUT, *(section(found, i == 0) for i, found in enumerate(results))])


def section(found, is_charted):
    text = [f"## {machine(found)}\n", f"{found['date']}, Python {found['machine']['python']}, {versions(found)}; "
            f"{found['rounds']} turns a row.\n"]
    if is_charted:
        text.append(f"![{alternative(found)}](speed.svg)\n")
    for threads in sorted({row["threads"] for row in found["rows"]}):
        text += [f"### {with_threads(threads).capitalize()}: {machine(found)}\n",
                 f"Limits: {limits(found, threads)}.\n",
                 "| work | " + " | ".join(TITLES) + " |", "|---|" + "---:|" * len(TITLES)]
        text += [in_markdown(row) for row in found["rows"] if row["threads"] == threads]
        text.append("")
    return "\n".join(text)


NO_BREAK = "\N{NO-BREAK SPACE}"


def in_markdown(row):
    texts = cells(row)
    if below(row):
        texts[4] = f"**{texts[4]}**"
    return f"| {row['work']} | " + " | ".join(text.replace(" ", NO_BREAK) for text in texts) + " |"


# ---- The README's part ----------------------------------------------------------------------------------------------


def readme(text, results):
    """The README with its part on speed, which is empty as long as nothing was stored."""
    part = ""
    if results:
        found = results[0]
        part = (f"## Speed\n\n![{alternative(found)}](docs/speed.svg)\n\n"
                f"Measured on {found['date']} on {machine(found)}, with {versions(found)}: the two took turns, "
                f"{found['rounds']} each, and a bar is the median of the turns' ratios. "
                "[docs/speed.md](docs/speed.md) has every time, plain NumPy's too, and the share of what the machine "
                "can do at most; `python -m benchmarks` measures yours.\n")
    return PART.sub(lambda match: match[1] + part + match[2], text)


def charted(found):
    """The rows that the chart shows, and the side that they are compared with."""
    first = found["rows"][0]["threads"]
    rows = [row for row in found["rows"] if row["threads"] == first]
    other = "torch" if any("ratio_to_torch" in row for row in rows) else "numpy"
    return [row for row in rows if f"ratio_to_{other}" in row], other


def alternative(found):
    """What the chart shows, in words."""
    rows, other = charted(found)
    ratios = sorted((row[f"ratio_to_{other}"], row["work"]) for row in rows)
    slower = [f"{work} ({ratio:.2f})" for ratio, work in ratios if ratio < 1]
    return (f"Bar chart: {OTHERS[other]}'s time over the course's for {len(rows)} kinds of work, "
            f"{with_threads(rows[0]['threads'])}. The median is {ratios[len(ratios) // 2][0]:.1f}, the largest "
            f"{ratios[-1][0]:.1f} ({ratios[-1][1]}). " +
            (f"The course is slower in {len(slower)}: {'; '.join(slower)}." if slower else "None is below 1."))


# ---- The chart ------------------------------------------------------------------------------------------------------


LOOK = {"svg.fonttype": "none", "svg.hashsalt": "course", "font.family": "sans-serif"}  # text stays text


def draw(found, path):
    """Bars to the right of 1 where the course is faster, hatched ones to the left where it is slower."""
    import matplotlib

    from course.lab import style

    rows, other = charted(found)
    ratios = [row[f"ratio_to_{other}"] for row in rows]
    places = range(len(rows))
    most = max(row["threads"] for row in found["rows"])
    of_most = {row["work"]: row[f"ratio_to_{other}"] for row in found["rows"]
               if row["threads"] == most and f"ratio_to_{other}" in row}
    more = [of_most.get(row["work"]) if most > row["threads"] else None for row in rows]
    shown = [1, 2, *ratios, *filter(None, more), *(row["target"] for row in rows)]
    with matplotlib.rc_context(LOOK):
        figure, ax = style.subplots(width=800 / style.CSS_PIXELS_PER_INCH, height=1.2 + 0.175 * len(rows))
        for y, ratio in zip(places, ratios):
            looks = dict(color=style.SKY, edgecolor=style.BLUE) if ratio >= 1 else dict(
                color=style.ORANGE, edgecolor=style.VERMILION, hatch="////")
            ax.barh(y, ratio - 1, left=1, height=0.72, linewidth=0.8, **looks)
            ax.text(1.01, y, number(ratio), transform=ax.get_yaxis_transform(), va="center", fontsize=8.5)
        ax.scatter([row["target"] for row in rows], places, marker="|", s=90, color=style.INK, linewidth=2, zorder=3,
                   label="must reach")
        if any(more):
            ax.scatter(more, places, s=14, facecolor="white", edgecolor=style.INK, linewidth=1, zorder=4,
                       label=f"with {most} threads")
        ax.axvline(1, color=style.INK, linewidth=1)
        ax.set(xscale="log", xlim=(0.8 * min(shown), 1.2 * max(shown)), ylim=(len(rows) - 0.4, -0.6), yticks=places,
               yticklabels=[row["work"] for row in rows])
        ax.set_title(f"{OTHERS[other]}'s time ÷ the course's time, {with_threads(rows[0]['threads'])} (above 1 the "
                     "course is faster)", fontsize=10.5, loc="right")
        ax.xaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
        ax.tick_params(labelsize=8.5, length=0)
        ax.grid(False, axis="y")
        ax.legend(loc="lower right", fontsize=8.5)
        figure.savefig(path, metadata={"Date": None})


def number(ratio):
    """With two digits that count."""
    return f"{ratio:.2f}" if ratio < 1 else f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"
