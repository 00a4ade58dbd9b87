"""A run's notebook: both of its parts end at the same loss, for every method, and nothing foreign becomes code."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
import torch

from workbench.errors import RunError, StorageError
from workbench.events import Evaluated, Finished, Started, Stepped
from workbench.history import History
from workbench.methods import METHODS
from workbench.models.catalog import find_card
from workbench.report.notebook import export_notebook, notebook
from workbench.report.plain import PLAIN, plain_of
from workbench.report.plain.contract import literal
from workbench.runs.folder import RunFolder, create_race
from workbench.runs.journal import Journal
from workbench.spec import Budget, Choice, RunSpec, parse_choice

torch.set_num_threads(1)

CLOSE = 1e-4  # nats per token; the notebook itself allows more, since rounding grows over a longer run
SMALL: dict[str, Any] = {"steps": 5, "batch_size": 4, "examples": 40, "evaluation_examples": 4, "metric_examples": 0}
WRITTEN = [name for name, method in METHODS.items() if plain_of(method())]
VARIANTS = (
    "none:examples=2",
    "adapter:placement=parallel:nonlinearity=gelu:scale=2",
    "adapter:placement=pfeiffer:nonlinearity=tanh:layer_norm=true",
    "adamix:adapters=2:share_up=false:placement=houlsby",
    "adamix:adapters=3:consistency=0:placement=parallel",
    "lora:dora=true:dropout=0.1:rank_stabilised=true:targets=query+value",
    "lora:pissa=true",
    "longlora:group=5:rank=2",
    "prefix:reparameterize=false",
    "prompt:start=random",
    "prompt:start=text",
    "p_tuning:encoder=lstm",
    "gradual_unfreezing:stages=2:thawed_at=0.7",
    "diff_pruning:structured=false:density=0.1:pruned_at=0.7",
    "intrinsic:structure=false:dimension=100",
)
BUDGETS = (
    ("full", {"schedule": "slanted", "warmup": 0.5, "weight_decay": 0.1, "accumulation": 2}),
    ("gradual_unfreezing", {"schedule": "linear", "weight_decay": 0.1, "warmup": 0.5}),
    ("bitfit", {"schedule": "constant", "clip": 0.0, "examples": 6, "learning_rate": 0.001, "max_length": 24}),
)
GPT2 = {
    "model_type": "gpt2",
    "architectures": ["GPT2LMHeadModel"],
    "vocab_size": 40,
    "n_embd": 16,
    "n_layer": 2,
    "n_head": 2,
    "n_positions": 128,
    "resid_pdrop": 0.1,
    "embd_pdrop": 0.1,
    "attn_pdrop": 0.1,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
GPT2_METHODS = ("full", "adapter", "lora", "longlora:group=3", "ia3", "last_layers:blocks=1", "gradual_unfreezing")

KIND_METHODS = (
    "none",
    "full",
    "feature_based",
    "adapter",
    "lora",
    "prefix",
    "mam",
    "prompt",
    "bitfit:add_missing=true",
)
KINDS = [
    *(("pocket-bert", "feelings", method) for method in KIND_METHODS),
    *(("pocket-t5", "describe", method) for method in KIND_METHODS),
    ("pocket-bert", "follows", "lora"),
    ("pocket-bert", "feelings", "adamix"),
    ("pocket-t5", "describe", "adamix"),
    ("pocket-bert", "feelings", "adapter:placement=pfeiffer"),
    ("pocket-t5", "describe", "adapter:placement=parallel"),
    ("pocket-bert", "feelings", "multitask_prompt"),
    ("pocket-bert", "feelings", "prompt_mixture"),
    ("pocket-t5", "describe", "prompt_mixture:prompts=2"),
    ("pocket-bert", "feelings", "autoprompt:candidates=3"),
    ("pocket-t5", "describe", "autoprompt:candidates=3"),
    ("pocket-t5", "describe", "multitask_prompt:rank=2"),
]

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Samples and forgetting are no part of what is compared here."""
    monkeypatch.setattr("workbench.training.bench.SAMPLES", 1)
    monkeypatch.setattr("workbench.training.bench.BASE_DOCUMENTS", 2)
    monkeypatch.setattr("workbench.training.bench.OWN_TEXTS", 2)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def spec() -> Callable[..., RunSpec]:
    def make(method: str = "lora", model: str = "pocket-gpt-nano", **fields: Any) -> RunSpec:
        budget = Budget(**{**SMALL, **fields.pop("budget", {})})
        return RunSpec(model, method=parse_choice(method), budget=budget, **fields)

    return make


@pytest.fixture
def gpt2(tmp_path: Path, write_model: Callable[..., Path]) -> Path:
    """A folder with a random GPT-2 that drops out, and a tokenizer of words."""
    return write_model(tmp_path / "tiny", GPT2, "the a cat dog bird sat on mat wall tree")


@pytest.fixture
def own_file(tmp_path: Path) -> Choice:
    things, places = ("cat", "dog", "bird"), ("mat", "wall", "tree")
    rows = [f"{thing} {place},the {thing} sat on the {place}" for thing in things for place in places]
    (tmp_path / "mine.csv").write_text("ask,say\n" + "\n".join(rows) + "\n")
    return Choice("own_file", {"path": str(tmp_path / "mine.csv")})


def written(spec: RunSpec, run: str = "run") -> Any:
    """The run's notebook, whose form is checked."""
    book = nbformat.reads(notebook(spec, History(run, state="finished")), as_version=4)
    nbformat.validate(book)
    return book


def sources(book: Any, kind: str = "code") -> list[str]:
    return [cell["source"] for cell in book.cells if cell["cell_type"] == kind]


def losses(spec: RunSpec) -> tuple[float, float]:
    """Run the notebook's cells in this process; the losses through the package and in plain code."""
    names: dict[str, Any] = {}
    for number, source in enumerate(sources(written(spec))):
        exec(compile(source, f"cell {number}", "exec"), names)
    return names["package_loss"], names["plain_loss"]


@pytest.mark.parametrize("method", [*WRITTEN, *VARIANTS])
def test_both_parts_end_at_the_same_loss(spec: Callable[..., RunSpec], method: str) -> None:
    package, plain = losses(spec(method))
    assert plain == pytest.approx(package, abs=CLOSE)


@pytest.mark.parametrize(("method", "budget"), BUDGETS, ids=lambda value: value if isinstance(value, str) else "")
def test_both_parts_agree_on_any_budget(spec: Callable[..., RunSpec], method: str, budget: dict[str, Any]) -> None:
    package, plain = losses(spec(method, budget=budget, seed=3))
    assert plain == pytest.approx(package, abs=CLOSE)


@pytest.mark.parametrize("method", GPT2_METHODS)
def test_both_parts_agree_on_a_folder_and_a_file_and_under_dropout(
    spec: Callable[..., RunSpec], gpt2: Path, own_file: Choice, method: str
) -> None:
    package, plain = losses(spec(method, model=str(gpt2), task=own_file))
    assert plain == pytest.approx(package, abs=CLOSE)


@pytest.mark.parametrize("end", ["<|im_end|>", "</s>"])
@pytest.mark.parametrize("method", ["lora", "none:examples=2"])
def test_both_parts_agree_on_chats_that_a_template_lays_out(
    spec: Callable[..., RunSpec], write_talker: Callable[..., tuple[Path, Path]], method: str, end: str
) -> None:
    model, chats = write_talker(end=end)
    package, plain = losses(spec(method, model=str(model), task=Choice("own_file", {"path": str(chats)})))
    assert plain == pytest.approx(package, abs=CLOSE)
    rows = Path("run-data/evaluation.jsonl").read_text().splitlines()
    assert all(json.loads(row)["prompt"].endswith("<|im_start|>assistant\n") for row in rows)


@pytest.mark.parametrize(("model", "task", "method"), KINDS)
def test_both_parts_agree_on_other_kinds_of_models(
    spec: Callable[..., RunSpec], model: str, task: str, method: str
) -> None:
    package, plain = losses(spec(method, model=model, task=Choice(task), budget={"learning_rate": 1e-4}))
    assert plain == pytest.approx(package, abs=CLOSE)


def test_what_is_hidden_from_plain_text_is_not_drawn_again(spec: Callable[..., RunSpec], tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("One day, Mia went to the park. She was happy.\n\n" * 40)
    book = written(spec("full", model="pocket-bert", task=Choice("own_file", {"path": str(tmp_path / "mine.txt")})))
    assert sources(book, "markdown")[-1] == "What is hidden from a text without prompts is not drawn again here."


def test_a_kernel_runs_it_from_top_to_bottom(spec: Callable[..., RunSpec], tmp_path: Path) -> None:
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    book = written(spec("adapter"))
    nbclient.NotebookClient(book, timeout=600, kernel_name="python3").execute(cwd=str(tmp_path))
    told = "".join(output["text"] for output in book.cells[-1]["outputs"] if output["output_type"] == "stream")
    assert told.startswith("the losses of the first steps differ by ") and "plain " in told


@pytest.mark.parametrize("method", WRITTEN)
def test_the_plain_part_needs_the_workbench_in_one_marked_cell_only(spec: Callable[..., RunSpec], method: str) -> None:
    first, data, *plain = sources(written(spec(method)))
    assert "from workbench" in first and data.startswith("# The data and the base model: the one cell")
    assert not [source for source in plain if "workbench." in source]
    assert len([line for source in plain for line in source.splitlines() if line.strip()]) <= 120


def test_it_is_written_without_torch() -> None:
    program = (
        "import sys; from workbench.history import History; from workbench.report.notebook import notebook;"
        "from workbench.spec import RunSpec; notebook(RunSpec('pocket-gpt-nano'), History('run'));"
        "print({'torch', 'transformers', 'peft', 'datasets'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_every_method_has_plain_code_in_one_place() -> None:
    card = find_card("pocket-gpt-nano")
    by_adamw = [method() for method in METHODS.values() if method().anatomy(card).learns_by == "adamw"]
    assert all(plain_of(method) for method in by_adamw) and set(PLAIN) <= set(METHODS)


def test_a_head_has_no_plain_code_and_says_so(spec: Callable[..., RunSpec]) -> None:
    by_head = replace(spec("full"), task=Choice("feelings"), objective=Choice("classification"))
    book = written(by_head)
    assert '"objective": "classification"' in "".join(sources(book))
    assert "nats per answer" in "".join(sources(book)) and "nats per token" not in "".join(sources(book))
    assert sources(book, "markdown")[-1] == "`classification` has no plain version here."


def test_a_method_without_plain_code_says_so(spec: Callable[..., RunSpec], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(PLAIN._parts, "full")
    book = written(spec("full"))
    assert len(sources(book)) == 1
    assert sources(book, "markdown")[-1] == "`full` has no plain version here."


def test_what_is_foreign_stays_text(spec: Callable[..., RunSpec]) -> None:
    evil = 'x"\nimport os\n\'\\"""`<img src=x>'
    method = Choice("prompt", {"start": "text", "text": evil})
    book = written(RunSpec("pocket-gpt-nano", method=method, budget=Budget(**SMALL)), run=evil)
    for source in sources(book):
        compile(source, "cell", "exec")
        assert "\nimport os\n" not in source
    assert not [text for text in sources(book, "markdown") if evil in text or "\nimport os" in text]
    assert eval(literal([evil, (evil,), 0.1, True, "\ud800"])) == [evil, (evil,), 0.1, True, "\ud800"]


def test_a_knob_is_told_in_the_methods_own_words(spec: Callable[..., RunSpec]) -> None:
    code = "\n".join(sources(written(spec("lora:rank=3"))))
    assert "    r=3,  # directions that the change of a matrix may have\n" in code
    assert '"method": {"name": "lora", "knobs": {"rank": "3"}}' in code


@pytest.fixture
def finished(tmp_path: Path, spec: Callable[..., RunSpec]) -> RunFolder:
    (folder,) = create_race([spec("lora")], tmp_path / "home")
    write_journal(folder, Started(folder.id, 0, steps=5, device="cpu", precision="bfloat16"))
    write_journal(folder, Evaluated(folder.id, 1, 5, 1.0, loss=1.25), Finished(folder.id, 2, 5, 2.0))
    return folder


def write_journal(folder: RunFolder, *events: Any) -> None:
    journal = Journal(folder.journal)
    for event in events:
        journal.append(event)
    journal.close()


def test_it_tells_what_the_run_measured(finished: RunFolder, tmp_path: Path) -> None:
    text = export_notebook(finished, tmp_path / "run.ipynb").read_text(encoding="utf-8")
    assert "ended at 1.2500 nats per token (cpu, bfloat16); here everything is computed in float32." in text
    assert finished.id in text and "Steps were added" not in text
    write_journal(finished, Started(finished.id, 3, 5, steps=9, resumed_from=5), Stepped(finished.id, 4, 6))
    write_journal(finished, Finished(finished.id, 5, 9, 4.0))
    assert "Steps were added" in export_notebook(finished, tmp_path / "longer.ipynb").read_text(encoding="utf-8")


def test_a_file_is_overwritten_only_on_demand(finished: RunFolder, tmp_path: Path) -> None:
    target = tmp_path / "run.ipynb"
    target.write_text("mine")
    with pytest.raises(RunError, match="exists already"):
        export_notebook(finished, target)
    assert target.read_text() == "mine"
    export_notebook(finished, target, overwrite=True)
    assert json.loads(target.read_text(encoding="utf-8"))["nbformat"] == 4
    with pytest.raises(StorageError):
        export_notebook(finished, tmp_path / "nowhere" / "run.ipynb")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "run.ipynb"]


def test_a_run_that_is_not_finished_is_refused(finished: RunFolder, tmp_path: Path) -> None:
    write_journal(finished, Started(finished.id, 3, 0, steps=5))
    with pytest.raises(RunError, match="only a finished run"):
        export_notebook(finished, tmp_path / "run.ipynb")
