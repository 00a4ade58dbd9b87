"""Published parameter counts, to the last number; the cards come from the catalog, no weights are read."""

import pytest

from workbench.knobs import configure
from workbench.methods import METHODS
from workbench.models.catalog import find_card
from workbench.spec import parse_choice


def trainable(model: str, choice: str) -> int:
    parsed = parse_choice(choice)
    return configure(METHODS[parsed.name], parsed.knobs, parsed.name).anatomy(find_card(model)).trainable


LORA_PAPER = [
    ("gpt2-medium", "full", 354_823_168),
    ("gpt2-medium", "last_layers:blocks=2", 25_192_448),
    ("gpt2-medium", "adapter:placement=pfeiffer:width=6:layer_norm=true", 368_784),
    ("gpt2-medium", "adapter:placement=pfeiffer:width=224:layer_norm=true", 11_089_152),
    ("gpt2-large", "adapter:placement=pfeiffer:width=8:layer_norm=true", 875_808),
    ("gpt2-large", "adapter:placement=pfeiffer:width=248:layer_norm=true", 23_002_848),
    ("gpt2-medium", "lora:rank=4:targets=query+value", 393_216),
    ("gpt2-large", "lora:rank=4:targets=query+value", 737_280),
    ("roberta-base", "lora:rank=8:targets=query+value", 294_912),
    ("roberta-large", "lora:rank=8:targets=query+value", 786_432),
    ("gpt3-175b", "prompt:virtual_tokens=264", 3_244_032),
    ("gpt3-175b", "adapter:width=1", 7_078_080),
    ("gpt3-175b", "adapter:width=8", 40_109_568),
    ("gpt3-175b", "lora:rank=1:targets=output+down", 2 * 96 * 12288 + 5 * 96 * 12288),
]
HOULSBY_PAPER = [("bert-base", "adapter:width=64", 2_379_264), ("bert-base", "adapter:width=2", 92_208)]
VERA_PAPER = [  # 0.043, 0.061 and 1.4 million, arXiv:2310.11454
    ("roberta-base", "vera:rank=1024:targets=query+value", 43_008),
    ("roberta-large", "vera:rank=256:targets=query+value", 61_440),
    ("llama-7b", "vera:rank=256", 1_417_216),
]
FOURIERFT_PAPER = [  # 0.024 and 0.064 million, arXiv:2405.03003
    ("roberta-base", "fourierft:targets=query+value", 24_000),
    ("llama-7b", "fourierft:targets=query+value", 64_000),
]
BITFIT_PAPER = [("bert-base", "bitfit", 102_912), ("bert-large", "bitfit", 272_384)]


@pytest.mark.parametrize(
    ("model", "choice", "count"),
    LORA_PAPER + HOULSBY_PAPER + BITFIT_PAPER + VERA_PAPER + FOURIERFT_PAPER,
)
def test_a_published_count_is_met_exactly(model: str, choice: str, count: int) -> None:
    assert trainable(model, choice) == count


@pytest.mark.parametrize(("rank", "count"), [(1, 4_718_592), (8, 37_748_736)])
def test_lora_on_gpt3_counts_as_the_paper_with_query_and_value_apart(rank: int, count: int) -> None:
    """One fused matrix of A (rank, d) and B (3d, rank) holds as many numbers as two separate pairs."""
    assert trainable("gpt3-175b", f"lora:rank={rank}:targets=query+value") == count


def test_llama_adapter_is_one_and_two_tenths_of_a_million() -> None:
    count = trainable("llama-7b", "adaption_prompt")
    assert count == 30 * 10 * 4096 + 30 and f"{count / 1e6:.1f}" == "1.2"  # 10 vectors in 30 blocks, a gate in each


@pytest.mark.parametrize(("model", "percent"), [("bert-base", "0.094"), ("bert-large", "0.081")])
def test_bitfit_moves_less_than_a_thousandth(model: str, percent: str) -> None:
    assert f"{METHODS['bitfit']().anatomy(find_card(model)).percent:.3f}" == percent


def test_houlsby_layer_norms_alone_are_forty_thousand() -> None:
    norms = [piece.count for piece in find_card("bert-base").pieces if "norm" in piece.role]
    assert sum(norms) == 38_400


@pytest.mark.parametrize(
    ("size", "width", "total"),
    [
        ("small", 512, 76_961_152),
        ("base", 768, 247_577_856),
        ("large", 1024, 783_150_080),
        ("xl", 2048, 2_849_757_184),
        ("xxl", 4096, 11_135_332_352),
    ],
)
@pytest.mark.parametrize("length", [1, 5, 20, 50, 100, 150])
def test_prompt_tuning_on_t5_is_length_times_width(size: str, width: int, total: int, length: int) -> None:
    anatomy = METHODS["prompt"](virtual_tokens=length).anatomy(find_card(f"t5-v1.1-{size}"))  # type: ignore[call-arg]
    assert anatomy.trainable == anatomy.added == length * width
    assert anatomy.total == total + length * width


def test_a_hundred_tokens_of_xxl_are_the_published_percentage() -> None:
    anatomy = METHODS["prompt"](virtual_tokens=100).anatomy(find_card("t5-v1.1-xxl"))  # type: ignore[call-arg]
    assert anatomy.trainable == 409_600
    assert f"{anatomy.percent:.5f}" == "0.00368"


@pytest.mark.parametrize(
    ("model", "choice", "count"),
    [
        ("gpt2-medium", "prefix:virtual_tokens=5:reparameterize=false", 5 * 2 * 24 * 1024),
        ("llama-3.2-1b", "prefix:virtual_tokens=5:reparameterize=false", 5 * 2 * 16 * 8 * 64),
        ("llama-7b", "ia3", 32 * (2 * 4096 + 11008)),
        ("gpt2", "ia3", 12 * (3 * 768 + 4 * 768)),
        ("llama-7b", "lora:rank=16:targets=all_linear", 16 * 32 * (4 * 2 * 4096 + 3 * (4096 + 11008))),
    ],
)
def test_counts_follow_the_formulas(model: str, choice: str, count: int) -> None:
    assert trainable(model, choice) == count


def test_a_saved_prefix_holds_its_keys_and_values_and_not_the_network() -> None:
    anatomy = METHODS["prefix"](virtual_tokens=5).anatomy(find_card("gpt2-medium"))  # type: ignore[call-arg]
    assert anatomy.checkpoint_bytes == 4 * 5 * 2 * 24 * 1024
    assert anatomy.trainable > anatomy.checkpoint_bytes / 4


@pytest.mark.parametrize(("rank", "millions"), [(32, "43.5"), (64, "87.0")])
def test_miss_on_llama_counts_as_the_paper(rank: int, millions: str) -> None:
    assert f"{trainable('llama-7b', f'miss:rank={rank}') / 1e6:.1f}" == millions  # arXiv:2409.15371, table 7


def test_oft_on_llama_moves_the_papers_percentage() -> None:
    anatomy = configure(METHODS["oft"], {"block": 16}, "oft").anatomy(find_card("llama-7b"))
    assert f"{anatomy.percent:.2f}" == "0.13"  # arXiv:2311.06243, table 2


def test_shira_holds_as_many_numbers_as_lora_of_its_rank() -> None:
    assert trainable("llama-7b", "shira:rank=8") == trainable("llama-7b", "lora:rank=8")  # arXiv:2406.13175


def test_loha_holds_twice_as_many_numbers_as_lora_of_its_rank() -> None:
    assert trainable("llama-7b", "loha:rank=4") == trainable("llama-7b", "lora:rank=8")


def test_oft_of_eight_blocks_counts_as_the_papers_example() -> None:
    assert find_card("pythia-14m").width == 128
    assert trainable("pythia-14m", "oft:block=16:targets=output") == 6 * 960  # arXiv:2306.07280, section 3.3
