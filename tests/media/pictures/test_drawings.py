import base64
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from workbench.errors import WorkbenchError
from workbench.media import end_renderers, read_image, render_svg
from workbench.media.pictures import drawings

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">'
SQUARE = '<rect width="5" height="5" fill="red"/>'


def doubled(levels: int, times: int) -> str:
    parts = "".join(
        f'<g id="u{level}">{f"""<use href="#u{level - 1}"/>""" * times}</g>'
        for level in range(1, levels)
    )
    return f'{HEAD}<g id="u0">{SQUARE}</g>{parts}<use href="#u{levels - 1}"/></svg>'


@pytest.mark.parametrize(
    ("drawing", "words"),
    [
        (f"{HEAD}{'<g>' * 100_000}{'</g>' * 100_000}</svg>", "nested more than 200 deep"),
        (doubled(12, 10), "repeats its parts"),
        (doubled(900, 1), "too deep"),
        (f'{HEAD}<filter><feTurbulence numOctaves="1000000000"/></filter></svg>', "octaves"),
        (f"<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{HEAD}&x;</svg>", "entity"),
    ],
)
def test_drawings_that_would_crash_or_hang_are_refused(drawing, words):
    with pytest.raises(WorkbenchError, match=words):
        render_svg(drawing, 64)


def test_what_is_within_bounds_is_drawn():
    for drawing in (
        f"{HEAD}{'<g>' * 190}{SQUARE}{'</g>' * 190}</svg>",
        doubled(4, 3),
        f'{HEAD}{SQUARE}<g id="a"><use href="#a"/></g></svg>',
        f"{HEAD}{SQUARE}<script>while (true) {{}}</script></svg>",
        f'{HEAD}{SQUARE}<image href="http://127.0.0.1:9/x.png" width="9" height="9"/></svg>',
    ):
        assert render_svg(drawing, 64).getpixel((5, 5)) == (255, 0, 0)


def test_deep_drawings_in_threads_with_small_stacks():
    drawing = f"{HEAD}{'<g>' * 190}{SQUARE}{'</g>' * 190}</svg>"
    with ThreadPoolExecutor(3) as pool:
        assert {p.size for p in pool.map(render_svg, [drawing] * 6, [32] * 6)} == {(32, 32)}


def test_extreme_proportions(tmp_path):
    path = tmp_path / "thin.svg"
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="100000"/>')
    assert read_image(path).size == (1, 384)


# --- circles, which crash the renderer where it does not see them ---


def circle(element: str, attribute: str, count: int) -> str:
    parts = "".join(
        f'<{element} id="p{n}" {attribute}="url(#p{(n + 1) % count})">{SQUARE}</{element}>'
        for n in range(count)
    )
    return f'{HEAD}{parts}<rect width="5" height="5" {attribute}="url(#p0)"/></svg>'


IN_A_STYLE = (
    f"{HEAD}<style>.a{{clip-path:url(#b)}} .b{{clip-path:url(#c)}} .c{{clip-path:url(#a)}}</style>"
    + "".join(f'<clipPath id="{n}" class="{n}">{SQUARE}</clipPath>' for n in "abc")
    + '<rect width="5" height="5" class="a"/></svg>'
)
AS_DATA = (
    f'{HEAD}<image width="9" height="9" href="data:image/svg+xml;base64,'
    f'{base64.b64encode(circle("clipPath", "clip-path", 3).encode()).decode()}"/></svg>'
)
ITS_OWN_FILTER = (
    f'{HEAD}<filter id="f"><feImage href="#g"/></filter><g id="g">'
    '<rect width="5" height="5" filter="url(#f)"/></g></svg>'
)


@pytest.mark.parametrize(
    "drawing",
    [
        *(circle("clipPath", "clip-path", count) for count in (3, 4, 7)),
        circle("mask", "style=\"mask: url('#p1')\" mask", 3),
        circle("clipPath", "clip-path", 3).replace("url(#p", "url( '#p").replace(")", "')"),
        ITS_OWN_FILTER,
    ],
)
def test_circles_are_refused(drawing):
    with pytest.raises(WorkbenchError, match="refer to each other in a circle"):
        render_svg(drawing, 64)


@pytest.mark.parametrize("drawing", [IN_A_STYLE, AS_DATA])
def test_a_drawing_that_crashes_the_renderer_costs_no_other(drawing):
    with pytest.raises(WorkbenchError, match="crashes the renderer"):
        render_svg(drawing, 64)
    assert render_svg(f"{HEAD}{SQUARE}</svg>", 64).getpixel((5, 5)) == (255, 0, 0)


def test_what_only_looks_like_a_circle_is_drawn():
    for drawing in (
        # drawings put together, whose short ids meet
        f'{HEAD}<g id="a"><rect width="5" height="5" fill="red" mask="url(#b)"/></g><mask id="b">'
        '<use href="#a"/></mask><mask id="b"><rect width="9" height="9" fill="#fff"/></mask></svg>',
        f'{HEAD}<g id="f00"><rect width="5" height="5" fill="#f00"/></g></svg>',
    ):
        assert render_svg(drawing, 64).getpixel((5, 5)) == (255, 0, 0)


# --- time, and the process ---

LONG = (  # one filter after another, for hours
    f'{HEAD}<filter id="f">' + '<feMorphology radius="3"/>' * 2000 + "</filter>"
    '<rect width="5" height="5" filter="url(#f)"/></svg>'
)


def test_a_drawing_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(drawings, "_SECONDS", 1)
    with pytest.raises(WorkbenchError, match="takes longer than 1 s"):
        render_svg(LONG, 384)
    assert render_svg(f"{HEAD}{SQUARE}</svg>", 64).getpixel((5, 5)) == (255, 0, 0)


def test_nobody_waits_for_a_drawing_when_the_renderers_are_ended():
    render_svg(f"{HEAD}{SQUARE}</svg>", 64)  # one waits, and another one works
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(render_svg, LONG, 384)
        while not long.done():
            end_renderers()
            time.sleep(0.1)
        with pytest.raises(WorkbenchError, match="crashes the renderer"):
            long.result()
    assert not drawings._running


def test_one_renderer_draws_one_after_another():
    end_renderers()
    for _ in range(3):
        render_svg(f"{HEAD}{SQUARE}</svg>", 64)
        with pytest.raises(WorkbenchError):
            render_svg("no drawing", 64)
    (renderer,) = drawings._running
    renderer.kill()  # as the system does where memory is short
    renderer._process.wait()
    assert render_svg(f"{HEAD}{SQUARE}</svg>", 64).size == (64, 64)
    assert len(drawings._running) == 1


def test_modules_in_the_current_folder_are_not_taken(tmp_path, monkeypatch):
    for name in ("resvg_py.py", "json.py", "svg_renderer.py"):
        (tmp_path / name).write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    end_renderers()
    assert render_svg(f"{HEAD}{SQUARE}</svg>", 64).size == (64, 64)


# --- files that drawings open ---


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "in"
    (inside / "sub").mkdir(parents=True)
    Image.new("RGB", (9, 9), "blue").save(tmp_path / "out.png")
    Image.new("RGB", (9, 9), "blue").save(inside / "sub/in.png")
    return inside


def drawn(folder: Path, href: str, element: str = "image width='9' height='9'") -> Image.Image:
    body = f'<{element} xmlns:x="http://www.w3.org/1999/xlink" x:href="{href}"/>'
    if element == "feImage":
        body = f'<filter id="f">{body}</filter><rect width="9" height="9" filter="url(#f)"/>'
    (folder / "a.svg").write_text(f"{HEAD}{body}</svg>")
    return read_image(folder / "a.svg")


@pytest.mark.parametrize("element", ["image width='9' height='9'", "feImage"])
@pytest.mark.parametrize(
    "href",
    [
        *("../out.png", "sub/../../out.png", "{above}/out.png", "sub/link.png", "linked/out.png"),
        # what looks like data or an address is a path where such folders are made
        *("data:/../../out.png", "data:#,/../../out.png", "http:/../../out.png"),
    ],
)
def test_files_outside_the_folder_of_a_drawing_are_not_opened(folder, href, element):
    (folder / "sub/link.png").symlink_to(folder.parent / "out.png")
    (folder / "linked").symlink_to(folder.parent)
    for name in ("data:", "data:#,", "http:"):
        (folder / name).mkdir()
    with pytest.raises(WorkbenchError, match="a file outside its own folder"):
        drawn(folder, href.format(above=folder.parent), element)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such files")
@pytest.mark.parametrize("href", ["pipe.png", "sub", "huge.png", "/dev/zero"])
def test_what_is_no_usual_file_is_not_opened(folder, href):
    os.mkfifo(folder / "pipe.png")
    with (folder / "huge.png").open("wb") as file:
        file.truncate(10**11)
    with pytest.raises(WorkbenchError, match=r"no usual file|outside"):
        drawn(folder, href)


def test_pictures_below_the_folder_and_as_data_are_part_of_a_drawing(folder):
    data = base64.b64encode((folder / "sub/in.png").read_bytes()).decode()
    for href in ("sub/in.png", "./sub/../sub/in.png", f"data:image/png;base64,{data}"):
        assert drawn(folder, href).getpixel((20, 20)) == (0, 0, 255)
    for href in ("none.png", "https://127.0.0.1:9/a/b.png", "#a", "x" * 5000):
        assert drawn(folder, href).getpixel((20, 20)) == (255, 255, 255)


def test_a_drawing_inside_another_file_opens_none(folder, monkeypatch):
    monkeypatch.chdir(folder)
    image = f'{HEAD}<image href="{{}}" width="9" height="9"/></svg>'
    assert render_svg(image.format("sub/in.png"), 64).getpixel((20, 20)) == (255, 255, 255)
    with pytest.raises(WorkbenchError, match="outside its own folder"):
        render_svg(image.format(folder / "sub/in.png"), 64)
