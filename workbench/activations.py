"""How many numbers a backward pass finds kept at each position, block by block, from a model's shape.

Counted in the manner of Korthikanti et al. 2022, arXiv:2205.05198, section 4.1, for torch's kernels: attention
never writes its time * time table to memory, unless it drops out.
"""

from workbench.anatomy import Anatomy, Piece
from workbench.card import ModelCard

WRITTEN_OUT = ("gelu_new", "gelu_fast")  # computed by transformers in steps, each of which keeps its input
ATTENTION_READERS = ("attention_query", "attention_key", "attention_value", "attention_fused")
FEED_FORWARD_READERS = ("feed_forward_up", "feed_forward_gate")
NORMS = ("attention_norm", "feed_forward_norm", "attention_output_norm", "feed_forward_output_norm")
INPUT_ROLES = ("embedding", "position_embedding", "segment_embedding", "embedding_norm", "embedding_projection")
# What configs call the share of a sublayer's output, and of attention's table, that is dropped in training; where a
# config is silent, its class has a default.
DROPOUT = ("resid_pdrop", "hidden_dropout_prob", "hidden_dropout", "dropout_rate", "dropout")
TABLE_DROPOUT = ("attn_pdrop", "attention_probs_dropout_prob", "attention_dropout", "dropout_rate")
DROPPED_BY_DEFAULT = {
    **dict.fromkeys(("gpt2", "bert", "roberta", "distilbert", "electra", "t5"), (0.1, 0.1)),
    **dict.fromkeys(("opt", "bart"), (0.1, 0.0)),
}
KEPT_TABLES = 3  # weights, what is dropped of them, and what is left


def kept_by_block(card: ModelCard, anatomy: Anatomy, tokens: int) -> list[int]:
    """Numbers that each block keeps at one position of `tokens`; 0 below the lowest block that a gradient reaches."""
    if anatomy.learns_by == "mezo":
        return [0] * card.depth
    lowest = lowest_moving_block(card, anatomy)
    return [
        0
        if block < lowest
        else passing_numbers(card, block) + _dropped_numbers(card, tokens, block) + _own_numbers(card, anatomy, block)
        for block in range(card.depth)
    ]


def lowest_moving_block(card: ModelCard, anatomy: Anatomy) -> int:
    """Number of the lowest block that a gradient has to reach; the depth when none is reached."""
    if anatomy.virtual_tokens:
        return 0
    moving = [piece for piece in anatomy.pieces if piece.state != "frozen"]
    if any(piece.block is None and piece.role in INPUT_ROLES for piece in moving):
        return 0
    lowest = min((piece.block for piece in moving if piece.block is not None), default=card.depth)
    return min(lowest, _writing_block(card)) if anatomy.extra_cache_tokens else lowest


def _writing_block(card: ModelCard) -> int:
    """The first block of the part that writes, where learned keys and values stand: behind an encoder's blocks."""
    return next((block for block in range(card.depth) if _attentions(card, block) > 1), 0)


def passing_numbers(card: ModelCard, block: int) -> int:
    """Numbers that a gradient's way through one frozen block keeps for each position.

    The norms' inputs, queries and the attention's output (2 * heads * head width), keys and values, and the
    feed-forward's inner signals: into the nonlinearity, and both factors of a gate. A block that reads a source has
    attention twice.
    """
    is_gated = any(piece.role == "feed_forward_gate" for piece in card.pieces)
    inner = 3 if is_gated else 1
    if _nonlinearity(card) in WRITTEN_OUT:
        inner += 3
    queries = card.heads * card.head_width
    attention = 2 * queries + 2 * card.key_value_width
    attention *= _attentions(card, block)
    norms = max(1, len(_norms(card, block))) * card.width
    if card.family == "gpt_neox":  # turned copies of queries and keys beside the fused matrix's output
        attention += 2 * queries
        if card.config.get("use_parallel_residual", True):
            norms = card.width  # both norms read the same
    if any(piece.role == "query_norm" for piece in card.pieces):
        attention += queries + card.key_value_width
    return norms + attention + inner * card.feed_forward


def _attentions(card: ModelCard, block: int) -> int:
    """How often the block attends: to its own stream, and in a decoder that reads a source to that too."""
    outputs = [p for p in card.pieces if p.block == block and p.role == "attention_output" and len(p.shape) > 1]
    return max(1, len(outputs))


def _norms(card: ModelCard, block: int) -> list[str]:
    """Names of the block's norms that stand on the residual stream."""
    return [p.name for p in card.pieces if p.block == block and p.role in NORMS and p.name.endswith("weight")]


def _dropped_numbers(card: ModelCard, tokens: int, block: int) -> int:
    """What dropout keeps: which numbers of the sublayers' outputs go, and of each attention's table its steps.

    T5 drops from the feed-forward's inner signals too.
    """
    outputs, table = DROPPED_BY_DEFAULT.get(card.family, (0.0, 0.0))
    outputs = next((card.config[name] for name in DROPOUT if name in card.config), outputs)
    table = next((card.config[name] for name in TABLE_DROPOUT if name in card.config), table)
    attentions = _attentions(card, block)
    inner = card.feed_forward if card.family == "t5" else 0
    gone = (attentions + 1) * card.width + inner if outputs else 0
    return gone + (attentions * KEPT_TABLES * card.heads * tokens if table else 0)


def _own_numbers(card: ModelCard, anatomy: Anatomy, block: int) -> int:
    """Numbers that one block keeps for each position because its own weights move: what they are given."""
    moving = [piece for piece in anatomy.pieces if piece.block == block and piece.state != "frozen"]
    matrices = [piece for piece in moving if len(piece.shape) > 1]
    added = {piece.role for piece in matrices if piece.state == "added"}
    sizes = {(piece.role, size) for piece in matrices for size in piece.shape}
    numbers = 0
    for roles in (ATTENTION_READERS, FEED_FORWARD_READERS):
        if any((role, card.width) in sizes for role in roles):
            numbers += card.width
    if ("feed_forward_down", card.feed_forward) in sizes:
        numbers += 0 if _nonlinearity(card) == "relu" else card.feed_forward  # relu keeps its output anyway
    elif "feed_forward_down" in added:  # an adapter reads the output
        numbers += card.width
    return numbers + (card.width if "attention_output" in added else 0) + _scaled_numbers(card, moving)


def _scaled_numbers(card: ModelCard, moving: list[Piece]) -> int:
    """What moving norms without a bias keep (RMSNorm): the input once more, divided by its size."""
    biased = any(piece.role in NORMS and piece.name.endswith("bias") for piece in card.pieces)
    if biased:
        return 0
    widths = {"query_norm": card.heads * card.head_width, "key_norm": card.key_value_width}
    return sum(widths.get(piece.role, card.width) for piece in moving if piece.role in (*NORMS, *widths))


def _nonlinearity(card: ModelCard) -> str:
    """The feed-forward's nonlinearity by its name in config.json; GPT-2's and OPT's are not always written there.

    T5 calls the whole part by a name: transformers takes "gated-gelu" for a gate with `gelu_new`.
    """
    if part := str(card.config.get("feed_forward_proj") or ""):
        return "gelu_new" if part == "gated-gelu" else part.removeprefix("gated-")
    silent = {"gpt2": "gelu_new", "opt": "relu"}.get(str(card.config.get("model_type")), "")
    return str(card.config.get("activation_function") or card.config.get("hidden_act") or silent)
