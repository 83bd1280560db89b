"""The window's one stylesheet, made for a theme.

What a widget can ask for with ``setProperty`` before it is shown:

- ``role`` of a QLabel: ``display``, ``title``, ``heading``, ``muted``, ``caption``, ``mono``,
  ``good``, ``warning``, ``bad``; of a QFrame: ``card``, ``well`` (sunken), ``drop`` (dashed),
  ``line`` (a hairline); of a list or a text, ``plain`` (no frame).
- ``kind`` of a QPushButton or QToolButton: ``primary``, ``quiet`` (no border), ``danger``,
  ``segment`` (one of a row of checkable ones), ``link``.
"""

from string import Template

from workbench.assets import resource
from workbench.gui.look.theme import Theme

_SHEET = Template(
    """
QWidget { font-size: 13px; }
QMainWindow, QDialog { background: $background; }
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 4px 6px; }

QLabel { background: transparent; }
QLabel[role="display"] { font-size: 28px; font-weight: 600; }
QLabel[role="title"] { font-size: 20px; font-weight: 600; }
QLabel[role="heading"] { font-size: 14px; font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="caption"] { color: $muted; font-size: 12px; }
QLabel[role="mono"] { font-family: "$mono"; font-size: 12px; }
QLabel[role="good"] { color: $good; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="bad"] { color: $bad; }

QLabel:disabled { color: $faint; }

QFrame[role="card"] { background: $surface; border: 1px solid $border; border-radius: 10px; }
QFrame[role="well"] { background: $background; border: 1px solid $border; border-radius: 8px; }
QFrame[role="drop"] { border: 2px dashed $line_strong; border-radius: 12px; }
QFrame[role="line"] { background: $border; border: none; max-height: 1px; min-height: 1px; }

QPushButton {
    background: $surface; color: $text; border: 1px solid $border; border-radius: 7px;
    padding: 5px 13px; min-height: 18px;
}
QPushButton:hover { background: $raised; }
QPushButton:pressed { background: $border; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $faint; background: $background; border-color: $border; }
QPushButton::menu-indicator {
    image: url("$icons/chevron-down-$name.svg"); width: 11px; height: 11px;
    subcontrol-origin: padding; subcontrol-position: right center; right: 8px;
}
QPushButton[menu="true"] { padding-right: 26px; }
QPushButton[kind="primary"] {
    background: $accent; color: $accent_text; border-color: $accent; font-weight: 600;
}
QPushButton[kind="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="primary"]:focus { border-color: $text; }
QPushButton[kind="primary"]:disabled {
    background: $raised; color: $faint; border-color: $border;
}
QPushButton[kind="danger"] { color: $bad; }
QPushButton[kind="danger"]:hover { background: $bad_wash; border-color: $bad; }
QPushButton[kind="quiet"], QToolButton[kind="quiet"] {
    background: transparent; border: 1px solid transparent;
}
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover { background: $raised; }
QPushButton[kind="quiet"]:focus, QToolButton[kind="quiet"]:focus { border-color: $accent; }
QPushButton[kind="quiet"]:checked, QToolButton[kind="quiet"]:checked {
    background: $accent_wash; color: $accent;
}
QPushButton[kind="link"] {
    background: transparent; border: 1px solid transparent; color: $accent; padding: 2px 4px;
}
QPushButton[kind="link"][small="true"] {
    font-size: 12px; padding: 0 3px; min-height: 14px; border-radius: 4px;
}
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:focus { border-color: $accent; }
QPushButton[kind="segment"] { border-radius: 6px; padding: 3px 10px; background: transparent; }
QPushButton[kind="segment"]:hover { background: $raised; }
QPushButton[kind="segment"]:checked {
    background: $accent_wash; color: $accent; border-color: $accent_line; font-weight: 600;
}

QToolButton {
    background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px;
}
QToolButton:hover { background: $raised; }
QToolButton:pressed { background: $border; }
QToolButton:focus { border-color: $accent; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QTextEdit {
    background: $field; color: $text; border: 1px solid $border; border-radius: 7px;
    selection-background-color: $accent; selection-color: $accent_text;
}
QLineEdit, QComboBox { padding: 4px 9px; min-height: 20px; }
QSpinBox, QDoubleSpinBox { padding: 3px 6px; min-height: 18px; }
QPlainTextEdit, QTextEdit { padding: 6px; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus,
QTextEdit:focus { border-color: $accent; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {
    color: $faint; background: $background;
}
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$icons/chevron-down-$name.svg"); width: 12px; height: 12px; }
QComboBox QLineEdit { border: none; padding: 0; background: transparent; min-height: 0; }
QComboBoxPrivateContainer { background: $surface; border: 1px solid $line_strong; }
QComboBox QAbstractItemView, QComboBox QAbstractItemView:focus {
    background: $surface; border: none; border-radius: 0; padding: 4px; outline: none;
}
QComboBox QAbstractItemView::item { padding: 4px 8px; border-radius: 5px; }
QComboBox QAbstractItemView::item:selected { background: $accent_wash; color: $text; }
QSpinBox::up-button, QDoubleSpinBox::up-button {
    subcontrol-origin: border; subcontrol-position: top right; width: 18px; border: none;
}
QSpinBox::down-button, QDoubleSpinBox::down-button {
    subcontrol-origin: border; subcontrol-position: bottom right; width: 18px; border: none;
}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {
    image: url("$icons/chevron-up-$name.svg"); width: 9px; height: 9px;
}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {
    image: url("$icons/chevron-down-$name.svg"); width: 9px; height: 9px;
}

QCheckBox, QRadioButton { spacing: 8px; background: transparent; }
QCheckBox::indicator {
    width: 15px; height: 15px; border: 1px solid $line_strong; border-radius: 4px;
    background: $field;
}
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: $accent; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QCheckBox::indicator:checked {
    background: $accent; border-color: $accent; image: url("$icons/check-$name.svg");
}
QCheckBox::indicator:disabled { background: $background; border-color: $border; }
QRadioButton::indicator {
    width: 15px; height: 15px; border: 1px solid $line_strong; border-radius: 8px;
    background: $field;
}
QRadioButton::indicator:checked {
    background: $accent; border-color: $accent; image: url("$icons/dot-$name.svg");
}

QProgressBar {
    background: $raised; border: none; border-radius: 3px; min-height: 6px; max-height: 6px;
}
QProgressBar::chunk { background: $accent; border-radius: 3px; }

QSlider { min-height: 22px; background: transparent; }
QSlider::groove:horizontal { height: 4px; background: $border; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal {
    width: 14px; height: 14px; margin: -6px 0; border-radius: 8px;
    background: $surface; border: 2px solid $accent;
}
QSlider::handle:horizontal:hover { background: $accent_wash; }
QSlider::handle:horizontal:focus { background: $accent; }
QSlider::sub-page:horizontal:disabled { background: $line_strong; }
QSlider::handle:horizontal:disabled { border-color: $line_strong; }

QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[role="sheet"] { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $line_strong; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QTableView, QTreeView, QListView {
    background: $surface; alternate-background-color: $background; border: 1px solid $border;
    border-radius: 8px; gridline-color: $border; outline: none;
    selection-background-color: $accent_wash; selection-color: $text;
}
QTableView:focus, QTreeView:focus, QListView:focus { border-color: $accent; }
QListView[role="plain"], QTextBrowser[role="plain"] { border: none; background: transparent; }
QTableView::item, QTreeView::item, QListView::item { padding: 4px 6px; }
QHeaderView { background: transparent; }
QHeaderView::section {
    background: $surface; color: $muted; border: none; border-bottom: 1px solid $border;
    padding: 5px 9px; font-size: 12px; font-weight: 600;
}
QHeaderView::section:horizontal:first { border-top-left-radius: 7px; }
QHeaderView::section:horizontal:last { border-top-right-radius: 7px; }
QHeaderView::section:horizontal:only-one {
    border-top-left-radius: 7px; border-top-right-radius: 7px;
}
QTableCornerButton::section { background: $surface; border: none; }

QTabWidget::pane { border: none; }
QTabBar::tab {
    background: transparent; color: $muted; padding: 6px 12px; border-bottom: 2px solid transparent;
}
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; font-weight: 600; }

QGroupBox {
    border: 1px solid $border; border-radius: 8px; margin-top: 9px; padding: 10px 8px 8px 8px;
}
QGroupBox::title { subcontrol-origin: margin; left: 10px; padding: 0 4px; color: $muted; }

QSplitter::handle { background: transparent; }
QSplitter::handle:horizontal { width: 8px; }
QSplitter::handle:vertical { height: 8px; }
QSplitter::handle:hover { background: $border; }

QMenuBar { background: $background; color: $text; border: none; padding: 2px 6px; }
QMenuBar::item { background: transparent; padding: 4px 9px; border-radius: 5px; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $surface; color: $text; border: 1px solid $border; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 22px; border-radius: 5px; }
QMenu::item:selected { background: $accent_wash; color: $text; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $border; margin: 5px 8px; }
QMenu::indicator { width: 12px; height: 12px; left: 5px; }
QMenu::indicator:checked { image: url("$icons/tick-$name.svg"); }
"""
)


def stylesheet(theme: Theme) -> str:
    """Return the stylesheet of a theme."""
    dark = theme.name == "dark"
    return _SHEET.substitute(
        name=theme.name,
        background=theme.background,
        surface=theme.surface,
        raised=theme.raised,
        border=theme.border,
        text=theme.text,
        muted=theme.muted,
        accent=theme.accent,
        accent_text=theme.accent_text,
        good=theme.good,
        warning=theme.warning,
        bad=theme.bad,
        field=theme.blend(theme.background, 0.7) if dark else theme.surface,
        faint=theme.blend(theme.muted, 0.65),
        line_strong=theme.blend(theme.muted, 0.45),
        accent_hover=theme.blend(theme.accent, 0.86, theme.text),
        accent_wash=theme.blend(theme.accent, 0.20 if dark else 0.11),
        accent_line=theme.blend(theme.accent, 0.45),
        bad_wash=theme.blend(theme.bad, 0.12),
        mono=theme.mono_font,
        icons=resource("icons").as_posix(),
    )
