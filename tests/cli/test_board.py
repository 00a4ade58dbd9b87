"""The live table: what it shows, and that it fits."""

from rich.console import Console

from workbench.cli.board import Board
from workbench.cli.screen import short_bytes, short_count, short_time
from workbench.cli.sparkline import scale, sparkline
from workbench.events import Evaluated, Failed, Finished, Started, Stepped
from workbench.history import History, fold
from workbench.views.colour import styles
from workbench.views.contract import ShownRun

METHODS = ("none", "full", "adapter:width=16:placement=parallel", "prefix", "prompt", "lora")


def board(step: int, is_unicode: bool = True) -> Board:
    """Six runs, one a second and step."""
    runs = [
        ShownRun(name, name.split(":")[0], style, History(name), "slot_accuracy", trains=name != "none")
        for name, style in zip(METHODS, styles(range(6)), strict=True)
    ]
    clock = iter(range(1000))
    shown = Board(runs, "describe on pocket-gpt", lambda: float(next(clock)), is_unicode)
    for run in runs:
        counts = {"trainable": 2_460_000, "total": 2_460_000, "percent": 100.0}
        fold([Started(run.label, 0, steps=150 if run.trains else 0, counts=counts)], run.history)
        scores = {"slot_accuracy": 0.123}
        fold([Evaluated(run.label, 1, loss=3.456, base_loss=0.5, scores=scores)], run.history)
    for number in range(1, step + 1):
        for run in runs[1:]:
            fold(
                [Stepped(run.label, 1 + number, number, number, 3 / number, tokens=9, tokens_per_second=5e4)],
                run.history,
            )
    return shown


def drawn(shown: Board, width: int) -> list[str]:
    console = Console(width=width, color_system=None, force_terminal=True, legacy_windows=False)
    with console.capture() as capture:
        console.print(shown.render(width))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_it_fits_every_width_with_a_line_for_each_run() -> None:
    for width in (40, 60, 80, 100, 120, 200):
        lines = drawn(board(57), width)
        assert len(lines) == 3 + len(METHODS), lines
        assert max(map(len, lines)) <= width


def test_80_columns_show_curve_step_loss_score_forgetting_and_time_left() -> None:
    shown = board(56)
    shown.seconds_left()
    for run in shown.runs[1:]:
        fold([Stepped(run.label, 58, 57, 57, 3 / 57, tokens=9, tokens_per_second=5e4)], run.history)
    lines = drawn(shown, 80)
    assert "285/750 steps" in lines[0] and "left" in lines[0]
    assert lines[2].split() == ["run", "curve", "step", "loss", "slot", "accuracy", "forgets", "trained"]
    lora = lines[-1]
    for text in ("lora", "57/150", "3.456", "0.123", "+0.000", "2.46M", "▁"):
        assert text in lora


def test_wide_terminals_show_more() -> None:
    head = drawn(board(57), 120)[2]
    assert "tokens/s" in head and "memory" in head and "training" in head


def test_a_terminal_without_unicode_gets_ascii() -> None:
    text = "\n".join(drawn(board(57, is_unicode=False), 78))
    assert text.replace("…", "").isascii()


def test_a_run_that_failed_has_no_more_steps_to_do() -> None:
    shown = board(50)
    fold([Failed("lora", 99, 50, error="x")], shown.runs[-1].history)
    fold([Finished("none", 99, 0)], shown.runs[0].history)
    assert shown.steps() == (250, 4 * 150 + 50)
    assert "failed" in drawn(shown, 80)[-1]


def test_an_old_score_does_not_stand_beside_a_newer_loss() -> None:
    shown = board(50)
    assert "0.123" in drawn(shown, 80)[-1]
    fold([Evaluated("lora", 99, 50, loss=1.5, base_loss=0.75)], shown.runs[-1].history)
    last = drawn(shown, 80)[-1]
    assert "0.123" not in last and "1.500" in last and "+0.250" in last


def test_time_left_is_the_rest_at_the_pace_so_far() -> None:
    shown = board(0)
    runs = shown.runs[1:]
    for number in range(1, 11):
        for run in runs:
            fold([Stepped(run.label, 1 + number, number, loss=1.0)], run.history)
        shown.seconds_left()  # one tick of the clock each
    # 5 of 750 steps were done at the first look; the other 45 took the 10 ticks of the looks since then
    assert shown.seconds_left() == 10 * (750 - 50) / 45


def test_a_sparkline_is_as_wide_as_asked_and_falls_with_its_values() -> None:
    assert sparkline([8, 7, 6, 5, 4, 3, 2, 1], 1, 8, 8) == "█▇▆▅▄▃▂▁"
    assert sparkline([4.0, 2.0, 2.0, 0.0], 0, 4, 2) == "▇▃"
    assert sparkline([float("nan")], 0, 1, 5) == "" and sparkline([], 0, 1, 5) == ""
    assert sparkline([3.0, 3.0], 3.0, 3.0, 5) == "▁▁"
    assert scale([[1.0, float("inf")], [5.0]]) == (1.0, 5.0)


def test_numbers_are_told_shortly() -> None:
    assert [short_count(number) for number in (999, 1_000, 2_460_000, 175e9)] == ["999", "1K", "2.46M", "175B"]
    assert [short_bytes(number) for number in (12, 2048, 3 * 1024**2, 1000 * 1024**3)] == [
        "12 B",
        "2 KiB",
        "3 MiB",
        "1000 GiB",
    ]
    assert [short_time(seconds) for seconds in (5, 65, 3725)] == ["0:05", "1:05", "1:02:05"]
