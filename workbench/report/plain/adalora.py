"""AdaLoRA with PEFT, whose own allocator takes directions away."""

from typing import Any

from workbench.card import ModelCard
from workbench.report.plain.beside import PlainBeside
from workbench.report.plain.contract import Plain

ALLOCATE = """\
inner, allocator = model.base_model.model, model.base_model.rankallocator
gradients, kept = {}, {}
model.register_forward_pre_hook(lambda *unused: allocator.mask_using_rank_pattern(inner, kept) if kept else None)
for parameter in filter(lambda p: p.requires_grad, model.parameters()):
    parameter.register_post_accumulate_grad_hook(lambda p: gradients.update({p: p.grad.clone()}))


def allocate(done):
    \"\"\"Between two steps: weigh what the last gradients say, and take away what the budget has no room for.\"\"\"
    if kept or not gradients:
        return
    for parameter, gradient in gradients.items():
        parameter.grad = gradient
    allocator.update_ipt(inner)
    model.zero_grad()
    left = min(1.0, max(0.0, ({settled} - done) / ({settled} - {begin})))
    budget = int(allocator.init_bgt // {start} * ({rank} + ({start} - {rank}) * left**3))
    pattern = allocator.mask_to_budget(inner, budget) if budget < allocator.init_bgt else {}
    kept.update(pattern if done >= {settled} else {})
"""


class PlainAdaLoRA(Plain):
    """PEFT's AdaLoraConfig, and what its rank allocator does between steps."""

    name = "adalora"
    before_step = "allocate(step / STEPS)"

    def code(self, method: Any, card: ModelCard) -> str:
        """Wrap the base, and define what happens between steps."""
        numbers = {
            "settled": method.settled,
            "begin": method.begin,
            "start": method.start_rank,
            "rank": method.rank,
        }
        code = ALLOCATE
        for name, value in numbers.items():
            code = code.replace(f"{{{name}}}", str(value))
        return PlainBeside().code(method, card) + code
