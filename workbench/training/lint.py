"""What a person should know of a race's examples before it begins: how its model will read them."""

from workbench.models.load import tokenizer_of
from workbench.tasks.chat_lint import lint_text
from workbench.tasks.chat_template import lay_out
from workbench.tasks.token_view import look
from workbench.training.bench import nothing_to_learn, task_layout
from workbench.training.check import Checked

LOOKED_AT = 2000  # examples; some seconds of tokenizing at most


def lint(checked: Checked) -> tuple[str, ...]:
    """What is odd about the first training examples as the model's tokenizer cuts them, a sentence each.

    Raises:
        ModelError: the model's tokenizer cannot be had.
        DataError: there is nothing to learn in any of them, or the model's chat template refuses one.
    """
    tokenizer = tokenizer_of(checked.spec.model)
    every = checked.task.records("train", checked.spec.budget.examples, checked.spec.seed)
    layout = task_layout(checked, tokenizer)
    records = lay_out(every[:LOOKED_AT], tokenizer, layout)
    report = look(records, tokenizer, checked.max_length, 0, layout)
    if records and report.empty == report.records == len(every):
        raise nothing_to_learn(report.records, checked.card.name)
    told = (*report.faults(), *lint_text(records, tokenizer, checked.task.holds_chats()))
    is_part = told and len(every) > len(records)
    return (*told, f"That is about the first {len(records)} of {len(every)} examples.") if is_part else told
