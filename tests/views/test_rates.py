"""What a range test says of its curve."""

from workbench.views.rates import RateCurve, rates_figure

RATES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)


def curve(*losses: float, label: str = "lora") -> RateCurve:
    return RateCurve(label, 1e-2, RATES[: len(losses)], losses)


def test_the_steep_part_is_where_half_of_the_fall_is_done_and_the_break_comes_after() -> None:
    told = curve(5.0, 4.8, 2.0, 1.0, 1.6)
    assert (told.halfway, told.breaks) == (1e-2, 1.0)
    assert curve(5.0, 4.0, 3.0, 2.0, 1.0).breaks is None


def test_an_easy_batch_before_the_fall_is_not_the_steep_part() -> None:
    assert curve(5.0, 2.9, 4.9, 2.0, 1.0).halfway == 1e-1


def test_a_curve_that_never_falls_is_steep_nowhere() -> None:
    told = curve(5.0, 5.0, 6.0, 9.0)
    assert (told.halfway, told.breaks) == (1e-4, 1e-2)


def test_a_rate_is_suggested_where_the_loss_falls_and_nowhere_else() -> None:
    assert curve(5.0, 4.8, 2.0, 1.0, 1.6).suggested == 1e-2
    assert curve(5.0, 4.95, 6.0).suggested is None
    assert RateCurve("lora", 1e-2, (), ()).suggested is None


def test_the_picture_has_a_line_and_the_own_rate_of_each_method() -> None:
    figure = rates_figure([curve(5.0, 4.0), curve(5.0, 3.0, label="<b>full</b>")])
    assert [trace.name for trace in figure.data] == ["lora", "&lt;b&gt;full&lt;/b&gt;"]
    assert [list(trace.y) for trace in figure.data] == [[5.0, 4.0], [5.0, 3.0]]
    assert [shape.x0 for shape in figure.layout.shapes] == [1e-2, 1e-2]
    assert figure.layout.xaxis.type == "log" and not rates_figure([]).data
