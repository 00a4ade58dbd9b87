"""What holds for every method on every family: true at the start, while training, switched off and reloaded."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from workbench.anatomy import Anatomy, canonical_names
from workbench.knobs import configure, knobs
from workbench.methods import METHODS
from workbench.methods.artifact import load_artifact, save_artifact
from workbench.methods.beside import Beside
from workbench.methods.contract import Method, Tuned
from workbench.spec import parse_choice

FAMILIES = ["llama", "pocket", "gpt2", "gpt_neox", "opt", "opt-narrow"]
OTHER_KINDS = ["bert", "t5"]  # with one choice of each method
VARIANTS = [
    "gpt2-untied",
    "gpt_neox-tied",
    "opt-untied",
    "qwen3",
    "gemma3",
    "roberta",
    "distilbert",
    "electra",
    "albert",
    "t5-relu",
    "bart",
]
CHOICES = [
    "none",
    "full",
    "mezo",
    "lomo",
    "scratch",
    "feature_based",
    "last_layers:blocks=1",
    "gradual_unfreezing",
    "bitfit",
    "bitfit:add_missing=true",
    "adapter:width=8",
    "adapter:placement=pfeiffer:layer_norm=true:nonlinearity=gelu",
    "adapter:placement=parallel:nonlinearity=silu",
    "compacter:width=8:division=2",
    "compacter:width=8:rank=2:placement=pfeiffer:layer_norm=true:nonlinearity=gelu",
    "adapter:placement=parallel:nonlinearity=silu:scale=2",
    "adamix:width=4",
    "adamix:adapters=2:width=4:placement=houlsby:share_up=false",
    "adamix:adapters=3:width=4:placement=parallel:consistency=0",
    "prefix:virtual_tokens=3",
    "prefix:virtual_tokens=3:reparameterize=false",
    "mam:virtual_tokens=3:width=4",
    "mam:virtual_tokens=2:width=4:scale=0.5:nonlinearity=tanh",
    "prompt:virtual_tokens=3",
    "prompt:virtual_tokens=3:start=random",
    "prompt:virtual_tokens=3:start=text:text=w5 w6",
    "multitask_prompt:virtual_tokens=2:rank=3",
    "prompt_mixture:prompts=2:virtual_tokens=3",
    "autoprompt:tokens=3",
    "p_tuning:virtual_tokens=3",
    "p_tuning:virtual_tokens=3:encoder=lstm:encoder_width=5",
    "lora:rank=2",
    "lora:rank=2:targets=query+value:rank_stabilised=true",
    "lora:rank=2:dora=true",
    "lora:rank=2:pissa=true",
    "qlora:rank=2",
    "qlora:rank=2:targets=query+down:double_quantisation=false",
    "longlora:rank=2",
    "longlora:rank=2:targets=query+down:group=5",
    "adalora:rank=1:start_rank=3:begin=0.7:settled=0.9",
    "adalora:rank=2:start_rank=3:begin=0.65:settled=1:targets=query+down",
    "delora:rank=2",
    "delora:rank=3:strength=4:targets=value+up",
    "c3a",
    "c3a:block=4:targets=query+down",
    "road",
    "road:variant=road_4:targets=value+up",
    "hira:rank=2",
    "hira:rank=2:targets=query+down",
    "gralora:rank=4",
    "gralora:rank=8:parts=4:targets=value+down",
    "deft:rank=2",
    "deft:rank=3:projection=qr:targets=query+down",
    "peanut:rank=4",
    "peanut:rank=6:depth=1:nonlinearity=silu:targets=value+up",
    "glora:rank=2",
    "glora:matrix=vector:inflow=vector:bias=vector",
    "glora:matrix=constant:inflow=lora:bias=none:targets=value+down",
    "ia3",
    "trainable_tokens:tokens=5",
    "trainable_tokens:tokens=30:text=w7 w9",
    "adaption_prompt:length=3",
    "adaption_prompt:length=2:blocks=2",
    "diff_pruning:density=0.1",
    "diff_pruning:density=0.02:structured=false:pruned_at=0.7",
    "intrinsic:dimension=20",
    "intrinsic:dimension=7:structure=false",
    "beft",
    "beft:targets=query+down",
    "ln_tuning",
    "ln_tuning:norms=attention+feed_forward",
    "vera:rank=6",
    "vera:rank=5:targets=value+down",
    "vblora:vectors=5",
    "vblora:rank=2:vectors=3:vector_length=4:targets=query+down",
    "randlora",
    "randlora:rank=4",
    "randlora:rank=3:strength=2:targets=value+down",
    "pvera:rank=6:targets=all_linear",
    "pvera:rank=5:targets=value+down",
    "unilora:rank=8:length=600",
    "unilora:rank=8:length=200:targets=query+down",
    "tinylora:numbers=3",
    "tinylora:rank=3:numbers=5:tied=true:targets=value+down",
    "fourierft:waves=20",
    "fourierft:waves=9:targets=value+up",
    "waveft:wavelets=20",
    "waveft:wavelets=9:family=db2:targets=value+up",
    "shira:rank=2",
    "shira:rank=1:targets=value+down",
    "loha:rank=2",
    "loha:rank=3:alpha=2:dropout=0.2:targets=query+down",
    "lokr:rank=2",
    "lokr:rank=1:alpha=3:factor=2:both=true:targets=value+up",
    "oft",
    "oft:block=4:alike=true:targets=query+down",
    "boft",
    "boft:block=4:factors=1:targets=value+up",
    "hra:mirrors=4",
    "hra:mirrors=2:targets=query+down",
    "psoft:rank=5",
    "psoft:rank=4:stretch=false:targets=query+down",
    "osf",
    "osf:kept=0.8:targets=value+up",
    "miss:rank=4",
    "miss:rank=5:columns=4:targets=query+down",
    "miss:rank=2:bat=true",
]
BY_NAME = {parse_choice(choice).name: choice for choice in reversed(CHOICES)}
ONE_OF_EACH = [choice for choice in CHOICES if choice in BY_NAME.values() or choice == "bitfit:add_missing=true"]
SOURCE = 5  # tokens that an encoder-decoder reads, another number than it writes


def method_of(choice: str) -> Method:
    name, values = (parsed := parse_choice(choice)).name, parsed.knobs
    return configure(METHODS[name], values, name)


def logits(model: Any, ids: torch.Tensor) -> torch.Tensor:
    """Logits for the text's own tokens; prompt learners give some for virtual tokens too."""
    with torch.no_grad():
        return read(model, ids)


def read(model: Any, ids: torch.Tensor) -> torch.Tensor:
    """The same, with gradients; an encoder-decoder writes the text about the first tokens of it."""
    source, written = ids, {}
    if model.config.is_encoder_decoder:
        source, written = ids[:, :SOURCE], {"decoder_input_ids": ids}
    return model(input_ids=source, attention_mask=torch.ones_like(source), **written).logits[:, -ids.shape[1] :]


@dataclass
class Journey:
    """One method on one model: applied, trained for three steps, switched off, saved and reloaded."""

    method: Method
    tuned: Tuned
    anatomy: Anatomy
    base: torch.Tensor
    start: torch.Tensor
    off_at_start: torch.Tensor
    end: torch.Tensor
    off: torch.Tensor
    on_again: torch.Tensor
    reloaded: torch.Tensor
    moved: dict[str, bool]
    strays: list[str]
    base_is_untouched: bool
    folder: Path


def travel(tiny: Any, choice: str, ids: torch.Tensor, tokenizer: Any, folder: Path) -> Journey:
    method, base = method_of(choice), tiny.logits(ids)
    numbers = {name: p.detach().clone() for name, p in tiny.base.named_parameters()}
    generator = torch.Generator().manual_seed(3)
    tuned = method.apply(tiny.shared(), tiny.card, tokenizer, generator)
    tuned.model.eval()
    start = logits(tuned.model, ids)
    with tuned.without():
        off_at_start = logits(tuned.model, ids)
    before = {name: p.detach().clone() for name, p in tuned.model.named_parameters()}
    train(method, tuned, ids)
    after = dict(tuned.model.named_parameters())
    moved = {name: not torch.equal(before[name], after[name]) for name in before}
    end = logits(tuned.model, ids)
    with tuned.without():
        off = logits(tuned.model, ids)
    on_again = logits(tuned.model, ids)
    save_artifact(tuned, method, folder)
    reloaded = logits(load_artifact(folder, tiny.shared()).eval(), ids)
    return Journey(
        method=method,
        tuned=tuned,
        anatomy=method.anatomy(tiny.card),
        base=base,
        start=start,
        off_at_start=off_at_start,
        end=end,
        off=off,
        on_again=on_again,
        reloaded=reloaded,
        moved={name: moved[name] for name in tuned.movable},
        strays=[name for name in moved if moved[name] and name not in tuned.movable],
        base_is_untouched=all(torch.equal(numbers[name], p) for name, p in tiny.base.named_parameters()),
        folder=folder,
    )


def train(method: Method, tuned: Tuned, ids: torch.Tensor) -> None:
    """Three steps, of which the last two see everything thawed: what starts at zero blocks its neighbour in one."""
    if not tuned.movable:
        return
    optimizer = torch.optim.AdamW(tuned.movable.values(), lr=1e-2, weight_decay=0.0)
    for done in (0.0, 0.6, 1.0):
        method.on_progress(tuned, done)
        out = read(tuned.model, ids)
        loss = torch.nn.functional.cross_entropy(out[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        (loss + tuned.penalty() if tuned.penalty else loss).backward()
        optimizer.step()


def serves(choice: str, model: str) -> bool:
    if choice == "bitfit":
        return model not in ("llama", "qwen3", "gemma3", "t5", "t5-relu")
    if choice.startswith("longlora"):
        return model not in ("bert", "roberta", "distilbert", "electra", "albert", "t5", "t5-relu", "bart")
    if choice.startswith("adaption_prompt"):
        return model in ("llama", "pocket")
    if choice.startswith(("prefix", "mam")):
        return model not in ("distilbert", "albert")
    if choice.startswith("trainable_tokens"):
        return model not in ("bert", "roberta", "distilbert", "electra", "albert")
    method = method_of(choice)
    return not (isinstance(method, Beside) and not method.serves_transposed and model.startswith("gpt2"))


@pytest.fixture(
    scope="module",
    params=[
        *((model, choice) for model in FAMILIES for choice in CHOICES if serves(choice, model)),
        *((model, choice) for model in OTHER_KINDS for choice in ONE_OF_EACH if serves(choice, model)),
    ],
    ids=lambda pair: "-".join(pair),
)
def journey(
    request: Any, tiny: Any, ids: torch.Tensor, tokenizer: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Journey]:
    model, choice = request.param
    yield travel(tiny(model), choice, ids, tokenizer, tmp_path_factory.mktemp("artifact"))


def test_starts_at_the_base_model_or_says_not(journey: Journey) -> None:
    distance = (journey.start - journey.base).abs().max().item()
    assert (distance < 1e-4) == journey.method.starts_at_base, distance


def test_the_off_switch_gives_the_base_back_before_training(journey: Journey) -> None:
    assert torch.equal(journey.off_at_start, journey.base)


def test_the_off_switch_gives_the_base_back_after_training(journey: Journey) -> None:
    assert torch.equal(journey.off, journey.base)


def test_switched_on_again_it_is_the_tuned_model(journey: Journey) -> None:
    assert torch.equal(journey.on_again, journey.end)


def test_training_changes_the_answers(journey: Journey) -> None:
    assert torch.equal(journey.start, journey.end) != journey.method.trains


def test_moves_all_that_may_move(journey: Journey) -> None:
    assert [name for name, moved in journey.moved.items() if not moved] == []


def test_moves_nothing_else(journey: Journey) -> None:
    assert journey.strays == []


def test_leaves_the_shared_base_untouched(journey: Journey) -> None:
    assert journey.base_is_untouched


def test_only_what_may_move_asks_for_gradients(journey: Journey) -> None:
    asking = [name for name, parameter in journey.tuned.model.named_parameters() if parameter.requires_grad]
    assert asking == list(journey.tuned.movable)  # in the model's order, so that rounding is the same in each process


def test_the_artifact_gives_the_tuned_model_back(journey: Journey) -> None:
    assert torch.allclose(journey.reloaded, journey.end, atol=5e-6), (journey.reloaded - journey.end).abs().max()


def test_the_artifact_is_as_large_as_the_anatomy_says(journey: Journey) -> None:
    from safetensors.torch import load_file

    kept = sum(t.numel() for path in journey.folder.rglob("*.safetensors") for t in load_file(path).values())
    assert 4 * kept == journey.anatomy.checkpoint_bytes


def test_the_artifact_names_no_path_of_this_machine(journey: Journey) -> None:
    for path in journey.folder.rglob("*.json"):
        text = path.read_text()
        assert "/tmp" not in text and str(Path.cwd()) not in text and str(Path.home()) + "/" not in text


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("model", FAMILIES + OTHER_KINDS + VARIANTS)
def test_the_anatomy_is_the_built_model(model: str, choice: str, tiny: Any, tokenizer: Any) -> None:
    if not serves(choice, model):
        pytest.skip("it says that it does not serve this family")
    base, method = tiny(model), method_of(choice)
    tuned = method.apply(base.shared(), base.card, tokenizer, torch.Generator().manual_seed(0))
    anatomy = method.anatomy(base.card)
    names = canonical_names(name for name, _ in tuned.model.named_parameters())
    # What is in four bits is stored in another shape than the matrix has, and always as (outputs, inputs).
    built = {names[name]: tuple(getattr(p, "quant_state", p).shape) for name, p in tuned.model.named_parameters()}
    shapes = {p.name: p.shape[::-1] if p.bits and base.card.transposed else p.shape for p in anatomy.pieces}
    assert shapes == built
    squeezed = {names[name] for name, p in tuned.model.named_parameters() if hasattr(p, "quant_state")}
    assert {piece.name for piece in anatomy.pieces if piece.bits} == squeezed
    assert {piece.name for piece in anatomy.pieces if piece.state != "frozen"} == {
        names[name] for name in tuned.movable
    }
    assert canonical_names(tuned.movable) == {name: names[name] for name in tuned.movable}


@pytest.mark.parametrize(
    "choice",
    [c for c in CHOICES if c.startswith(("pre", "pro", "p_", "multi", "auto", "lora", "ada", "mam"))],
)
@pytest.mark.parametrize("model", VARIANTS)
def test_serves_the_rarer_variants_too(model: str, choice: str, tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    if not serves(choice, model):
        pytest.skip("it says that it does not serve this family")
    base, method = tiny(model), method_of(choice)
    tuned = method.apply(base.shared(), base.card, tokenizer, torch.Generator().manual_seed(0))
    tuned.model.eval()
    start = logits(tuned.model, ids)
    assert torch.isfinite(start).all()
    assert ((start - base.logits(ids)).abs().max() < 1e-4) == method.starts_at_base
    with tuned.without():
        assert torch.equal(logits(tuned.model, ids), base.logits(ids))


@pytest.mark.parametrize("choice", CHOICES)
def test_one_generator_decides_every_random_start(choice: str, tiny: Any, tokenizer: Any) -> None:
    base, method = tiny("pocket"), method_of(choice)
    starts = []
    for noise in (1, 2):
        torch.manual_seed(noise)
        before = torch.get_rng_state()
        tuned = method.apply(base.shared(), base.card, tokenizer, torch.Generator().manual_seed(5))
        assert torch.equal(before, torch.get_rng_state())
        starts.append(torch.cat([torch.zeros(1), *(p.detach().flatten() for p in tuned.movable.values())]))
    assert torch.equal(*starts)


@pytest.mark.parametrize("name", list(METHODS))
def test_is_documented(name: str) -> None:
    method = METHODS[name]
    for text in (method.title, method.plain, method.idea, method.formula, method.paper, method.when, method.finding):
        assert text and text.strip() == text
    assert method.idea.rstrip(".").count(". ") == 1, "the idea is two sentences"
    for text in (method.when, method.finding):
        assert text.endswith(".") and text.rstrip(".").count(". ") <= 1, "one or two sentences"
    assert method.__doc__ and "Paper: " in method.__doc__ and "Formula: " in method.__doc__
    assert method.name == name
    assert all(knob.help for knob in knobs(method).values())


@pytest.mark.parametrize("name", list(METHODS))
def test_has_a_learning_rate_for_every_width(name: str) -> None:
    from workbench.models.catalog import find_card

    rates = [METHODS[name]().default_learning_rate(find_card(model)) for model in ("pythia-14m", "gpt2", "llama-7b")]
    assert rates == sorted(rates, reverse=True)
    assert all(0 < rate <= 1 for rate in rates) == METHODS[name].trains
