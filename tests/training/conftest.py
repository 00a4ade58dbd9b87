"""Tiny random bases with their tokenizers, a task of copied words and one of labels, and stores that live in memory."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import pytest
import torch
import transformers

from workbench.events import Event, Stepped
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.models.load import Base, random_model
from workbench.models.screen import card_of
from workbench.spec import Budget, RunSpec, parse_choice
from workbench.tasks import TASKS
from workbench.tasks.contract import Record, Split, Task
from workbench.training.bench import set_up
from workbench.training.build import Run, Scribe, build_run
from workbench.training.check import check
from workbench.training.race import race
from workbench.training.state import State

torch.set_num_threads(1)

WORDS = 40
CONFIG = {
    "model_type": "llama",
    "vocab_size": WORDS,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "tie_word_embeddings": True,
    "attention_bias": True,
    "mlp_bias": True,
    "hidden_act": "silu",
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
GPT2 = {
    "model_type": "gpt2",
    "vocab_size": WORDS,
    "n_embd": 32,
    "n_layer": 2,
    "n_head": 4,
    "n_positions": 64,
    "resid_pdrop": 0.1,
    "embd_pdrop": 0.1,
    "attn_pdrop": 0.1,
    "activation_function": "gelu_new",
    "bos_token_id": 1,
    "eos_token_id": 2,
}

NAMES = ["<pad>", "<bos>", "</s>", "<unk>", "[CLS]", "[SEP]", "[MASK]", *(f"<extra_id_{n}>" for n in range(8))]
BERT = {
    "model_type": "bert",
    "vocab_size": WORDS,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}
T5 = {
    "model_type": "t5",
    "vocab_size": WORDS,
    "d_model": 32,
    "d_kv": 8,
    "d_ff": 48,
    "num_heads": 4,
    "num_layers": 2,
    "n_positions": 64,
    "dropout_rate": 0.0,
    "decoder_start_token_id": 0,
    "pad_token_id": 0,
    "eos_token_id": 2,
}


@dataclass(frozen=True)
class Echo(Task):
    """Say the words again."""

    name: ClassVar[str] = "echo"
    title: ClassVar[str] = "Echo"
    plain: ClassVar[str] = "Say the words again."
    idea: ClassVar[str] = "A task for tests."
    source: ClassVar[str] = "made here"
    metric: ClassVar[str] = "exact"
    scores: ClassVar[dict[str, str]] = {"exact": "share of answers that are the target"}
    answer_tokens: ClassVar[int] = 8

    longest: int = knob(6, "words of the longest example", low=1, high=1000)
    plain_text: bool = knob(False, "no prompts, only text")

    def records(self, split: Split, examples: int, seed: int) -> list[Record]:
        rng = Random(f"{split} {seed if split == 'train' else 0}")
        made = []
        for _ in range(examples or 50):
            words = " ".join(f"w{rng.randrange(4, WORDS)}" for _ in range(rng.randint(1, self.longest)))
            made.append(Record("" if self.plain_text else words, words))
        return made

    def score(self, records: Sequence[Record], answers: Sequence[str]) -> dict[str, float]:
        right = sum(record.target == answer for record, answer in zip(records, answers, strict=True))
        return {"exact": right / len(records)}


@dataclass(frozen=True)
class Low(Task):
    """Say whether the words have low numbers."""

    name: ClassVar[str] = "low"
    title: ClassVar[str] = "Low"
    plain: ClassVar[str] = "Are the words low?"
    idea: ClassVar[str] = "A task for tests."
    source: ClassVar[str] = "made here"
    metric: ClassVar[str] = "accuracy"
    scores: ClassVar[dict[str, str]] = {"accuracy": "share of answers that are the target"}
    answer_tokens: ClassVar[int] = 2

    is_pair: bool = knob(False, "part the words after the first")

    def records(self, split: Split, examples: int, seed: int) -> list[Record]:
        rng = Random(f"{split} {seed if split == 'train' else 0}")
        made = []
        for _ in range(examples or 100):
            is_low = rng.random() < 0.5
            words = [rng.randrange(17, 28) if is_low else rng.randrange(28, WORDS) for _ in range(rng.randint(1, 6))]
            text = " ".join(f"w{number}" for number in words)
            made.append(Record(text, "w15" if is_low else "w16", cut=4 if self.is_pair and len(words) > 1 else 0))
        return made

    def labels(self) -> tuple[str, ...]:
        return ("w15", "w16")

    def score(self, records: Sequence[Record], answers: Sequence[str]) -> dict[str, float]:
        right = sum(record.target == answer for record, answer in zip(records, answers, strict=True))
        return {"accuracy": right / len(records)}


@pytest.fixture(autouse=True)
def tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TASKS._parts, "echo", Echo)
    monkeypatch.setitem(TASKS._parts, "low", Low)


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = {"<pad>": 0, "<bos>": 1, "<eos>": 2, "<unk>": 3} | {f"w{number}": number for number in range(4, WORDS)}
    inner = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", bos_token="<bos>", eos_token="<eos>", unk_token="<unk>"
    )


@pytest.fixture(scope="session")
def marked() -> Any:
    """The words, with the marks that encoders and encoder-decoders need."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = [*NAMES, *(f"w{number}" for number in range(len(NAMES), WORDS))]
    inner = Tokenizer(models.WordLevel({word: place for place, word in enumerate(words)}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    marks = {"cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", **marks
    )


def make_base(config: dict[str, Any], tokenizer: Any) -> Base:
    card = card_of(config, f"tiny-{config['model_type']}")
    model = random_model(card, seed=0)
    noise = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for parameter in model.parameters():  # biases and norms differ from zero and one
            parameter.add_(0.2 * torch.randn(parameter.shape, generator=noise))
    return Base(model, tokenizer, card, Path())


@pytest.fixture(scope="session")
def base(tokenizer: Any) -> Base:
    return make_base(CONFIG, tokenizer)


@pytest.fixture(scope="session")
def gpt2(tokenizer: Any) -> Base:
    return make_base(GPT2, tokenizer)


@pytest.fixture(scope="session")
def bert(marked: Any) -> Base:
    return make_base(BERT, marked)


@pytest.fixture(scope="session")
def t5(marked: Any) -> Base:
    return make_base(T5, marked)


@pytest.fixture
def spec() -> Callable[..., RunSpec]:
    """Makes a spec of a few tiny float32 steps; more arguments change its budget."""

    def make(method: str = "full", task: str = "echo", seed: int = 0, **changes: Any) -> RunSpec:
        small: dict[str, Any] = {
            "steps": 4,
            "batch_size": 4,
            "max_length": 32,
            "evaluation_examples": 6,
            "metric_examples": 3,
            "precision": "float32",
        }
        budget = Budget(**{**small, **changes})
        return RunSpec("tiny", parse_choice(task), parse_choice(method), budget=budget, seed=seed)

    return make


@pytest.fixture
def hold(base: Base) -> Callable[..., dict[str, list[Event]]]:
    """Holds a race on the tiny base and gives the events by run; runs are named by their methods."""

    def hold_race(*specs: RunSpec, on: Base = base, **others: Any) -> dict[str, list[Event]]:
        names = others.pop("runs", [one.method.name for one in specs])
        events: dict[str, list[Event]] = {name: [] for name in names}
        for event in race(specs, names, base=on, **others):
            events[event.run].append(event)
        return events

    return hold_race


@pytest.fixture
def curve() -> Callable[[Sequence[Event]], list[float]]:
    """The training losses among events, in order."""
    return lambda events: [event.loss for event in events if isinstance(event, Stepped)]


class MemoryStore:
    """Keeps copies of checkpoints in memory; `start` is the state that a run goes on from."""

    def __init__(self, start: State | None = None) -> None:
        self.states: dict[int, State] = {}
        self.start = start
        self.artifacts: list[str] = []

    def save_checkpoint(self, step: int, state: State) -> str:
        tensors = {name: tensor.clone() for name, tensor in state.tensors.items()}
        self.states[step] = State(tensors, json.loads(json.dumps(state.facts)))
        return f"checkpoints/{step}"

    def load_checkpoint(self) -> State | None:
        return self.start

    def save_artifact(self, tuned: Tuned, method: Method) -> str:
        self.artifacts.append(method.name)
        return "artifact"


@pytest.fixture
def store() -> type[MemoryStore]:
    return MemoryStore


@pytest.fixture
def build(base: Base, spec: Callable[..., RunSpec]) -> Callable[..., Run]:
    """Builds a run on the tiny base without starting it."""

    def make(method: str = "full", on: Base = base, **changes: Any) -> Run:
        checked = check(spec(method, **changes), on.card)
        return build_run(checked, set_up(checked, on), Scribe("run"))

    return make
