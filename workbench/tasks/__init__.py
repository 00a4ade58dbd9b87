"""What is learned: one file a task, found by the registry."""

from workbench.registry import Registry
from workbench.tasks.contract import Task

TASKS: Registry[Task] = Registry(__name__, Task, "task")
