import pytest
from PySide6.QtCore import QEvent, QPoint, QSettings
from PySide6.QtGui import QColor, QFontMetrics, QPalette
from PySide6.QtWidgets import QCompleter, QDialog, QMenu, QToolTip, QWidget

from workbench.gui.look import theme
from workbench.gui.look.theme import DARK, LIGHT
from workbench.gui.look.theme_switch import ThemeSwitch
from workbench.gui.widgets.fields import ComboBox


def _luminance(colour):
    parts = (part / 255 for part in QColor(colour).getRgb()[:3])
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    """Return the contrast ratio of WCAG 2, 1 to 21."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda each: each.name)
def test_words_are_readable(colours):
    for ground in (colours.background, colours.surface, colours.raised):
        assert contrast(colours.text, ground) > 7
        assert contrast(colours.muted, ground) > 4.5
    for tone in (colours.good, colours.warning, colours.bad, colours.accent):
        assert contrast(tone, colours.surface) > 4.5
    assert contrast(colours.accent_text, colours.accent) > 4.5
    for tone in colours.modality.values():
        assert contrast(tone, colours.surface) > 3


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda each: each.name)
def test_points_stand_out(colours):
    assert len(set(colours.categories)) >= 12
    for tone in colours.categories:
        assert contrast(tone, colours.surface) > 2


def test_blending():
    assert LIGHT.blend("#000000", 0.5, "#ffffff") == "#808080"
    assert LIGHT.blend("#123456", 1.0) == "#123456"
    assert LIGHT.blend("#123456", 0.0) == LIGHT.surface


@pytest.fixture
def worn(qapp, qtbot):
    """Return a window that wears themes."""
    made = QWidget()
    qtbot.addWidget(made)
    return made


def test_a_choice_is_applied_told_and_remembered(qapp, qtbot, worn):
    switch = ThemeSwitch(qapp, worn)
    switch.choose("light")
    with qtbot.waitSignal(switch.changed):
        switch.choose("dark")
    assert theme.current() is DARK
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.background)
    assert DARK.surface in worn.styleSheet()
    assert not qapp.styleSheet()  # which widgets in the making would wear over and over
    assert ThemeSwitch(qapp, worn).choice == "dark"
    with qtbot.waitSignal(switch.changed):
        switch.choose("light")
    assert theme.current() is LIGHT


class Polished(QWidget):
    """Counts how often it is told of another style."""

    told = 0

    def changeEvent(self, event):  # noqa: N802 - Qt's
        self.told += event.type() == QEvent.Type.StyleChange
        super().changeEvent(event)


def test_however_deep_a_widget_is_it_wears_another_theme_at_once(qapp, worn):
    switch = ThemeSwitch(qapp, worn)
    switch.choose("light")
    chain = [worn]
    for _ in range(6):
        chain.append(QWidget(chain[-1]))
    deepest = Polished(chain[-1])
    chain[0].show()
    deepest.told = 0
    switch.choose("dark")
    assert deepest.told == 2  # of the sheet that is taken off, and of the other
    switch.choose("light")


@pytest.mark.qt_log_ignore("This plugin does not support raise")
def test_what_opens_of_itself_wears_the_theme_as_well(qapp, qtbot, worn):
    ThemeSwitch(qapp, worn).choose("dark")
    field, dialog, menu = ComboBox(worn), QDialog(worn), QMenu(worn)
    field.setEditable(True)
    field.setCompleter(QCompleter(["one", "two"], field))
    worn.show()
    ground = QColor(DARK.background)
    assert dialog.grab().toImage().pixelColor(5, 5) == ground
    for each in (dialog, menu, field.view(), field.completer().popup()):
        each.ensurePolished()
        assert each.style().inherits("QStyleSheetStyle"), each
    rows = field.completer().popup()
    assert rows.sizeHintForRow(0) == rows.fontMetrics().height() + 8  # as the stylesheet wants it
    QToolTip.showText(QPoint(), "words", worn)
    (tip,) = (each for each in qapp.topLevelWidgets() if each.inherits("QTipLabel"))
    assert tip.style().inherits("QStyleSheetStyle")
    QToolTip.hideText()


def test_a_choice_that_was_damaged_is_the_systems(qapp, worn):
    QSettings().setValue("theme", "purple")
    assert ThemeSwitch(qapp, worn).choice == "system"


def test_icons_have_pixels_in_the_colour_asked_for(qapp, worn):
    ThemeSwitch(qapp, worn).choose("light")
    image = theme.current().icon("circle", "#ff0000").pixmap(32, 32).toImage()
    assert image.pixelColor(16, 16) == QColor("#ff0000")


def test_the_font_shows_what_the_window_says(qapp, worn):
    ThemeSwitch(qapp, worn)
    families = qapp.font().families()
    assert families[0] == "Inter"  # it comes along with the program
    metrics = QFontMetrics(qapp.font())
    for sign in "aZ0…·–→“”’αλ×%":
        assert metrics.inFontUcs4(ord(sign)), sign
