from PySide6.QtGui import QImage

from workbench.gui.tour import run_tour


def test_the_whole_road_through_the_window(qapp, qtbot, tmp_path, capsys):
    assert run_tour(tmp_path / "sample", count=60, steps=60) == 0, capsys.readouterr().err
    said = capsys.readouterr().out
    for station in ("start", "data", "encode", "train", "explore", "export"):
        assert f"\n{station} " in f"\n{said}"
        for theme in ("light", "dark"):
            picture = QImage(str(tmp_path / "sample" / "tour" / f"{station}-{theme}.png"))
            assert picture.width() == 1280
            assert picture.height() == 800
    assert (tmp_path / "sample" / "exports" / "tour" / "heads.safetensors").is_file()
