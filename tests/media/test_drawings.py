from concurrent.futures import ThreadPoolExecutor

import pytest

from workbench.errors import WorkbenchError
from workbench.media import read_image, render_svg

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
