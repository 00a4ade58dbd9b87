"""Stories: the same events in both languages, and prompts that begin them."""

from random import Random

import pytest

from workbench.pocket import judge_story, story, story_prompts
from workbench.pocket.plots import PLOTS
from workbench.pocket.stories import cast
from workbench.pocket.words import LANGUAGES


def test_one_seed_tells_the_same_story_in_both_languages():
    for index in range(200):
        english, spanish = (story(Random(index), language) for language in LANGUAGES)
        names = {word for word in english.replace(",", " ").split() if word in ("Mia", "Tom", "Kiki")}
        assert english != spanish
        assert all(name in spanish for name in names if name == english.split()[0])


def test_the_cast_does_not_depend_on_the_language():
    for plot in PLOTS:
        english, spanish = (cast(Random(4), plot, language) for language in LANGUAGES)
        assert {r: w.key for r, w in english.items()} == {r: w.key for r, w in spanish.items()}
        assert english["a"].key != english["b"].key


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.title)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plot_is_consistent_in_every_wording(plot, language):
    for index in range(60):
        text = story(Random(index), language, plot)
        assert judge_story(text, language).is_perfect, text


def test_stories_hardly_ever_repeat():
    rng = Random(0)
    assert len({story(rng) for _ in range(3000)}) == 3000


@pytest.mark.parametrize("language", LANGUAGES)
def test_prompts_are_good_beginnings(language):
    prompts = story_prompts(3, 50, language)
    assert prompts == story_prompts(3, 50, language)
    assert all(judge_story(prompt, language).is_perfect for prompt in prompts)
    assert len(set(prompts)) > 35
