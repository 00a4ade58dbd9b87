"""What holds for all that PEFT puts beside matrices, whichever PEFT is installed."""

from typing import Any

import peft
import pytest
import torch

from workbench.errors import SpecError
from workbench.methods import METHODS


def test_a_peft_that_is_too_old_is_told_in_one_sentence(
    tiny: Any, tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, method = tiny("llama"), METHODS["c3a"]()
    monkeypatch.delattr(peft, "C3AConfig")
    assert method.anatomy(base.card).trainable  # listed and counted all the same
    with pytest.raises(SpecError) as caught:
        method.apply(base.shared(), base.card, tokenizer, torch.Generator())
    told = f"the installed PEFT is '{peft.__version__}', but allowed is one that has C3AConfig, which C3A needs."
    assert caught.value.message == told
    assert "pip install" in caught.value.hint
