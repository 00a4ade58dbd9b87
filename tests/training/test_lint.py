"""Before a race its examples are looked over as the model reads them; what cannot be learned at all is refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.errors import DataError
from workbench.events import Finished
from workbench.spec import Budget, Choice, RunSpec
from workbench.training import lint as lint_module
from workbench.training.check import check
from workbench.training.lint import lint
from workbench.training.race import race

CONFIG = {
    "model_type": "llama",
    "vocab_size": 40,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
WITHOUT_DIGITS = {"type": "Replace", "pattern": {"Regex": "[0-9]+"}, "content": ""}

SpecOf = Callable[..., RunSpec]


@pytest.fixture
def spec_of(tmp_path: Path, write_model: Callable[..., Path]) -> SpecOf:
    """A spec of a file with these pairs, on a model whose tokenizer passes over digits."""
    folder = write_model(tmp_path / "tiny", CONFIG, "cat dog sat ran")
    stored = json.loads((folder / "tokenizer.json").read_text())
    (folder / "tokenizer.json").write_text(json.dumps({**stored, "normalizer": WITHOUT_DIGITS}))

    def make(*pairs: tuple[str, str], max_length: int = 32) -> RunSpec:
        path = tmp_path / "mine.csv"
        path.write_text("ask,say\n" + "".join(f"{ask},{say}\n" for ask, say in pairs))
        budget = Budget(steps=1, batch_size=2, max_length=max_length, evaluation_examples=2, metric_examples=0)
        return RunSpec(model=str(folder), task=Choice("own_file", {"path": str(path)}), budget=budget)

    return make


def test_what_the_model_reads_well_is_not_told_of(spec_of: SpecOf) -> None:
    assert lint(check(spec_of(*((f"cat {n} dog", "ran") for n in range(10))))) == ()


def test_empty_targets_are_told_where_others_can_be_learned(spec_of: SpecOf) -> None:
    spec = spec_of(*((f"cat {n}", "ran" if n % 2 else "12") for n in range(20)))
    (told,) = lint(check(spec))
    assert told.endswith("examples have an empty target mask: none of their target's tokens is learned.")
    assert isinstance(list(race([spec]))[-1], Finished)


def test_a_file_of_which_nothing_can_be_learned_is_refused(spec_of: SpecOf) -> None:
    spec = spec_of(*((f"cat {n}", str(n)) for n in range(20)))
    for attempt in (lambda: lint(check(spec)), lambda: list(race([spec]))):
        with pytest.raises(DataError, match="All 18 examples have an empty target mask, so there is nothing to learn."):
            attempt()


def test_a_head_learns_labels_that_have_no_token(spec_of: SpecOf) -> None:
    spec = replace(spec_of(*((f"cat {n}", str(n % 2)) for n in range(20))), objective=Choice("classification"))
    assert lint(check(spec)) == ()
    assert isinstance(list(race([spec]))[-1], Finished)


def test_a_cut_target_and_foreign_marks_are_told(spec_of: SpecOf) -> None:
    spec = spec_of(*((f"cat {n} <|im_start|>", "ran " * (20 if n < 10 else 1)) for n in range(20)), max_length=8)
    long, cut, marks = lint(check(spec))
    assert "examples are too long and lose" in long
    assert cut.endswith("of them lose a part of their target, and the token with which it ends.")
    assert marks.startswith("18 of 18 examples hold <|im_start|>, marks of ChatML: this model has no chat template")


def test_of_a_large_file_the_first_examples_are_looked_at(spec_of: SpecOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lint_module, "LOOKED_AT", 5)
    told = lint(check(spec_of(*((f"cat {n} [INST]", "ran") for n in range(20)))))
    assert told[-1] == "That is about the first 5 of 18 examples."
