"""A judge for tiny Python programs that never runs them: a small interpreter over the syntax tree.

What a model writes is untrusted. So there is no ``exec`` and no ``eval``: only the syntax that is
named here is known, values stay small, and every step is counted.
"""

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_STEPS = 5_000
MOST_DEPTH = 20
MOST_BITS = 64
MOST_ITEMS = 1_000
MOST_CHARACTERS = 4_000


class Refused(Exception):
    """The program does something that the judge doesn't know or doesn't allow."""


class _Returned(Exception):
    """Carries the value of a return statement out of the loops around it."""

    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


BINARY: dict[type, Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
UNARY: dict[type, Callable] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
COMPARE: dict[type, Callable] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, items: item in items,
    ast.NotIn: lambda item, items: item not in items,
}
FUNCTIONS: dict[str, Callable] = {
    "len": len,
    "sum": sum,
    "max": max,
    "min": min,
    "abs": abs,
    "sorted": sorted,
    "str": str,
    "int": int,
    "list": list,
    "range": lambda *limits: _checked_range(*limits),
}
METHODS = {
    str: frozenset(("upper", "lower", "count", "startswith", "endswith", "capitalize", "strip", "split")),
    list: frozenset(("append", "count", "index", "pop", "reverse", "sort")),
}


def _checked_range(*limits: int) -> list[int]:
    numbers = range(*limits)
    if len(numbers) > MOST_ITEMS:
        raise Refused("a range is too long")
    return list(numbers)


@dataclass(slots=True)
class _Interpreter:
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    steps: int = 0
    depth: int = 0
    held: int = 0  # how many asserts were true

    def run(self, statements: list[ast.stmt], names: dict[str, object]) -> None:
        """Carry out statements one by one."""
        for statement in statements:
            self._step()
            handler = STATEMENTS.get(type(statement))
            if handler is None:
                raise Refused(f"{type(statement).__name__} is not allowed")
            handler(self, statement, names)

    def value(self, node: ast.expr, names: dict[str, object]) -> object:
        """Return the value of an expression; refuse it if it is too big."""
        self._step()
        handler = EXPRESSIONS.get(type(node))
        if handler is None:
            raise Refused(f"{type(node).__name__} is not allowed")
        return _small(handler(self, node, names))

    def call(self, name: str, arguments: list[object]) -> object:
        """Call a function that the program defined."""
        function = self.functions[name]
        wanted = [argument.arg for argument in function.args.args]
        if len(wanted) != len(arguments) or self.depth >= MOST_DEPTH:
            raise Refused(f"{name} cannot be called like this")
        self.depth += 1
        try:
            self.run(function.body, dict(zip(wanted, arguments, strict=True)))
        except _Returned as returned:
            return returned.value
        finally:
            self.depth -= 1
        return None

    def _step(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Refused("the program takes too long")


def _small(value: object) -> object:
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise Refused("a number is too big")
    if isinstance(value, str) and len(value) > MOST_CHARACTERS:
        raise Refused("a text is too long")
    if isinstance(value, (list, tuple)) and len(value) > MOST_ITEMS:
        raise Refused("a list is too long")
    return value


def _define(run: _Interpreter, node: ast.FunctionDef, names: dict) -> None:
    extra = node.args.posonlyargs or node.args.kwonlyargs or node.args.vararg or node.args.kwarg
    if extra or node.args.defaults or node.decorator_list or run.depth:
        raise Refused("this kind of function is not allowed")
    run.functions[node.name] = node


def _return(run: _Interpreter, node: ast.Return, names: dict) -> None:
    raise _Returned(None if node.value is None else run.value(node.value, names))


def _assign(run: _Interpreter, node: ast.Assign, names: dict) -> None:
    if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
        raise Refused("only a name can be assigned")
    names[node.targets[0].id] = run.value(node.value, names)


def _add_to(run: _Interpreter, node: ast.AugAssign, names: dict) -> None:
    if not isinstance(node.target, ast.Name):
        raise Refused("only a name can be assigned")
    whole = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
    names[node.target.id] = run.value(whole, names)


def _if(run: _Interpreter, node: ast.If, names: dict) -> None:
    run.run(node.body if run.value(node.test, names) else node.orelse, names)


def _for(run: _Interpreter, node: ast.For, names: dict) -> None:
    for item in _items(run.value(node.iter, names)):
        names[_loop_name(node.target)] = item
        run.run(node.body, names)
    run.run(node.orelse, names)


def _while(run: _Interpreter, node: ast.While, names: dict) -> None:
    while run.value(node.test, names):
        run.run(node.body, names)
        run._step()


def _assert(run: _Interpreter, node: ast.Assert, names: dict) -> None:
    if not run.value(node.test, names):
        raise Refused("an example does not hold")
    run.held += _mentions_call(node.test, run.functions)


def _expression(run: _Interpreter, node: ast.Expr, names: dict) -> None:
    run.value(node.value, names)


def _mentions_call(test: ast.expr, functions: dict) -> bool:
    """An example counts only if it compares a call of a defined function with something."""
    if not isinstance(test, ast.Compare):
        return False
    calls = (part for part in ast.walk(test) if isinstance(part, ast.Call))
    return any(isinstance(call.func, ast.Name) and call.func.id in functions for call in calls)


def _items(value: object) -> list:
    if not isinstance(value, (list, tuple, str)):
        raise Refused("this cannot be gone through")
    return list(value)


def _loop_name(target: ast.expr) -> str:
    if not isinstance(target, ast.Name):
        raise Refused("a loop needs one name")
    return target.id


def _constant(run: _Interpreter, node: ast.Constant, names: dict) -> object:
    if node.value is not None and not isinstance(node.value, (bool, int, float, str)):
        raise Refused("this constant is not allowed")
    return node.value


def _name(run: _Interpreter, node: ast.Name, names: dict) -> object:
    if node.id not in names:
        raise Refused(f"{node.id} is not known")
    return names[node.id]


def _binary(run: _Interpreter, node: ast.BinOp, names: dict) -> object:
    left, right = run.value(node.left, names), run.value(node.right, names)
    if type(node.op) not in BINARY:
        raise Refused("this operator is not allowed")
    if isinstance(node.op, ast.Mod) and isinstance(left, str):
        raise Refused("formatting is not allowed")
    if isinstance(node.op, ast.Mult) and any(isinstance(side, (str, list, tuple)) for side in (left, right)):
        _check_repeat(left, right)
    return BINARY[type(node.op)](left, right)


def _check_repeat(left: object, right: object) -> None:
    sequence, times = (right, left) if isinstance(left, int) else (left, right)
    if isinstance(times, int) and len(sequence) * times > MOST_ITEMS:
        raise Refused("a repetition is too long")


def _unary(run: _Interpreter, node: ast.UnaryOp, names: dict) -> object:
    if type(node.op) not in UNARY:
        raise Refused("this operator is not allowed")
    return UNARY[type(node.op)](run.value(node.operand, names))


def _logic(run: _Interpreter, node: ast.BoolOp, names: dict) -> object:
    stops_at = isinstance(node.op, ast.Or)
    for part in node.values:
        value = run.value(part, names)
        if bool(value) == stops_at:
            break
    return value


def _compare(run: _Interpreter, node: ast.Compare, names: dict) -> bool:
    left = run.value(node.left, names)
    for sign, side in zip(node.ops, node.comparators, strict=True):
        right = run.value(side, names)
        if type(sign) not in COMPARE:
            raise Refused("this comparison is not allowed")
        if not COMPARE[type(sign)](left, right):
            return False
        left = right
    return True


def _call(run: _Interpreter, node: ast.Call, names: dict) -> object:
    if node.keywords:
        raise Refused("arguments with names are not allowed")
    arguments = [run.value(argument, names) for argument in node.args]
    if isinstance(node.func, ast.Attribute):
        return _call_method(run, node.func, arguments, names)
    if isinstance(node.func, ast.Name):
        if node.func.id in run.functions:
            return run.call(node.func.id, arguments)
        if node.func.id in FUNCTIONS:
            return FUNCTIONS[node.func.id](*arguments)
    raise Refused("this function is not known")


def _call_method(run: _Interpreter, node: ast.Attribute, arguments: list, names: dict) -> object:
    owner = run.value(node.value, names)
    if node.attr not in METHODS.get(type(owner), ()):
        raise Refused(f"the method {node.attr} is not allowed")
    return getattr(owner, node.attr)(*arguments)


def _subscript(run: _Interpreter, node: ast.Subscript, names: dict) -> object:
    owner = run.value(node.value, names)
    if isinstance(node.slice, ast.Slice):
        edges = (node.slice.lower, node.slice.upper, node.slice.step)
        return owner[slice(*(None if edge is None else run.value(edge, names) for edge in edges))]
    return owner[run.value(node.slice, names)]


def _list(run: _Interpreter, node: ast.List, names: dict) -> list:
    return [run.value(item, names) for item in node.elts]


def _tuple(run: _Interpreter, node: ast.Tuple, names: dict) -> tuple:
    return tuple(run.value(item, names) for item in node.elts)


def _list_of(run: _Interpreter, node: ast.ListComp, names: dict) -> list:
    if len(node.generators) != 1:
        raise Refused("only one loop is allowed here")
    loop, inner, result = node.generators[0], dict(names), []
    for item in _items(run.value(loop.iter, names)):
        inner[_loop_name(loop.target)] = item
        if all(run.value(test, inner) for test in loop.ifs):
            result.append(run.value(node.elt, inner))
    return result


def _choice(run: _Interpreter, node: ast.IfExp, names: dict) -> object:
    return run.value(node.body if run.value(node.test, names) else node.orelse, names)


STATEMENTS = {
    ast.FunctionDef: _define,
    ast.Return: _return,
    ast.Assign: _assign,
    ast.AugAssign: _add_to,
    ast.If: _if,
    ast.For: _for,
    ast.While: _while,
    ast.Assert: _assert,
    ast.Expr: _expression,
}
EXPRESSIONS = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _logic,
    ast.Compare: _compare,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.ListComp: _list_of,
    ast.IfExp: _choice,
}


def judge_python(text: str) -> bool:
    """Tell whether a text is Python that defines a function and satisfies its own examples.

    At least one ``assert`` must hold a call of a defined function against a value, and every
    ``assert`` must be true.
    """
    if len(text) > MOST_CHARACTERS:
        return False
    run = _Interpreter()
    try:
        run.run(ast.parse(text).body, {})
    except (Refused, _Returned, RecursionError, MemoryError):
        return False
    except (SyntaxError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError):
        return False
    return run.held > 0
