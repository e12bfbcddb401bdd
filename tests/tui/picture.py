"""Draw the outbox as the README shows it: python -m tests.tui.picture FILE.svg."""

import asyncio
import sys
from pathlib import Path

from tests.tui.desk_under_test import desk
from tests.tui.mornings import a_morning


async def draw(file: Path) -> None:
    async with desk(a_morning, size=(92, 24)) as t:
        await t.settled()
        svg = t.app.export_screenshot(title="modemd")
    # The terminal font by its family alone: a picture must not fetch anything when it is looked at.
    start, end = svg.index("<style>"), svg.index("</style>")
    style = "\n".join(line for line in svg[start:end].splitlines() if "src:" not in line and "url(" not in line)
    while "@font-face {" in style:
        before, _, rest = style.partition("@font-face {")
        style = before + rest.partition("}")[2]
    file.write_text(svg[:start] + style + svg[end:], "utf-8")  # noqa: ASYNC240 - a script of its own


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1])))
