"""The pocket world: generated text for the small base model, and the judge of what it writes.

`documents` is the endless pretraining text: English stories, the same stories in Spanish, places
and possessions with questions, sums, tiny Python functions, facts and dialogues. One grammar of
sentence templates writes the stories and reads them back, so a sampled story can be judged:
is every sentence grammatical, and is the story consistent?

Nothing here needs more than the standard library, except `train_tokenizer` and `save_tokenizer`.
"""

from workbench.pocket.corpus import SHARES, Document, base_domain, documents
from workbench.pocket.judge import StoryVerdict, is_grammatical, judge_story, split_sentences
from workbench.pocket.python_judge import judge_python
from workbench.pocket.snippets import python_prompts
from workbench.pocket.stories import story, story_prompts
from workbench.pocket.sums import SumQuestion, sum_questions
from workbench.pocket.tokenizer import END, PAD, save_tokenizer, train_tokenizer
from workbench.pocket.tracking import TrackingQuestion, is_correct_answer, tracking_questions

__all__ = [
    "END",
    "PAD",
    "SHARES",
    "Document",
    "StoryVerdict",
    "SumQuestion",
    "TrackingQuestion",
    "base_domain",
    "documents",
    "is_correct_answer",
    "is_grammatical",
    "judge_python",
    "judge_story",
    "python_prompts",
    "save_tokenizer",
    "split_sentences",
    "story",
    "story_prompts",
    "sum_questions",
    "tracking_questions",
    "train_tokenizer",
]
