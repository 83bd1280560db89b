"""The form of a map's options."""

from workbench.gui.exploring.maps.map_options import MapOptions


def test_the_menu_is_as_high_as_its_form_whatever_was_opened_before(qtbot):
    options = MapOptions("left")
    qtbot.addWidget(options)
    heights = set()
    for method in ("pca", "umap", "pca", "umap"):
        options.set_method(method)
        menu, form = options._menu, options._form
        assert menu.sizeHint().height() >= form.sizeHint().height()  # measured as when it opens
        heights.add(menu.sizeHint().height())
    assert len(heights) == 2
