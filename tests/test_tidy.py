"""House rules that no linter knows. Each breach is printed as `file:line: what is wrong`.

A rule is a function from the root of a checkout to its breaches, so that each is also shown to fire on a small
tree that breaks it.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Rooms of `sito`, from the ground up. A room may import rooms of lower floors; rooms of one floor do not know each
# other, but for the pairs in BESIDE. The names and the order are those of docs/ARCHITECTURE.md.
FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "errors network toml unpack v1 version",
        "entries config",
        "records messages",
        "names numbers",
        "lists formats phrases said",
        "index",
        "build delta",
        "changes clearing evidence",
        "screen",
        "generations policy",
        "ledger",
        "fes journal",
        "cases",
        "clients",
        "portal",
        "alerts batch outbox papers risk",
        "cli",
    )
)
BESIDE: frozenset[tuple[str, str]] = frozenset()
CLIENTS = frozenset({"client", "caseclient"})  # they are the typed clients of the wire contract alone
CLIENT_MAY_IMPORT = frozenset({"v1", "errors", "client"})
PACKAGES = {"sito": "engine/sito", "sito_ext": "ext/sito_ext", "sito_server": "server/sito_server"}
MAY_IMPORT = {"sito": {"sito", "sito_ext"}, "sito_ext": {"sito_ext"}, "sito_server": {"sito_server", "sito"}}

SIZE_MAX = 1_500_000  # bytes of one file
LARGE_FILES: frozenset[str] = frozenset()  # demo data above SIZE_MAX, by path
TEXT_SUFFIXES = frozenset(
    {".py", ".pyi", ".pyx", ".pxd", ".h", ".hpp", ".md", ".toml", ".txt", ".cfg", ".ini", ".yaml", ".yml"}
    | {".proto", ".sh", ".in", ".json", ".mako", ".html", ".css", ".js"}
)
TEXT_NAMES = frozenset({"Makefile", "LICENSE", "NOTICE", "run", ".gitignore"})
MADE_FOLDERS = frozenset({"build", "dist", "demo-out", "bench-out", "htmlcov", "node_modules", "__pycache__"})

# Spelled in pieces, so that this file does not break its own rules.
MACHINE_PATH = re.compile(r"(?<![\w.:/}*)-])/(?:" + "|".join(["work", "root", "home", "Users", "mnt", "srv"]) + ")/")
SYSTEM_PATH = re.compile(r"(?<![\w.:/}*)<!-])/(?:" + "|".join(["usr", "opt", "var", "tmp"]) + ")/")
OUTSIDE = re.compile(r"(?<!\w)/" + "shared" + r"\b")
REGISTRY_HOSTS = (
    ("pypi", "org"),
    ("files.pythonhosted", "org"),
    ("registry.npmjs", "org"),
    ("deb.debian", "org"),
    ("proxy.golang", "org"),
)
REGISTRIES = re.compile("|".join(re.escape(f"{name}.{zone}") for name, zone in REGISTRY_HOSTS))
UNFINISHED = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:"]) + r")\b")

ERROR_CODE = re.compile(r"[A-Z]{3}\d{3}")
KNOWN_CODE = re.compile(r"(?:LST|REC|IDX|SCR|POL|LED|JRN|CAS|CLB|ALR|FES|PRT|RSK|PAP|CLI)\d{3}")
ERROR_PREFIX = {
    "ListError": "LST",
    "RecordError": "REC",
    "IndexFileError": "IDX",
    "ScreenError": "SCR",
    "PolicyError": "POL",
    "LedgerError": "LED",
    "JournalError": "JRN",
    "CaseError": "CAS",
    "ClientBaseError": "CLB",
    "AlertError": "ALR",
    "FesError": "FES",
    "PortalError": "PRT",
    "SendError": "PRT",
    "RiskError": "RSK",
    "PaperError": "PAP",
    "UsageError": "CLI",
}


def files(root: Path) -> Iterator[Path]:
    """Yield the files a checkout consists of, without what was made from them."""
    for path in sorted(root.iterdir()):
        made = path.name in MADE_FOLDERS or path.name.endswith(".egg-info")
        if made or (path.name.startswith(".") and path.name not in {".ci", ".gitignore"}):
            continue
        if path.is_dir():
            yield from files(path)
        elif path.suffix not in {".so", ".pyc", ".c"}:
            yield path


def text_files(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield (path below root, lines) of the files that people write."""
    for path in files(root):
        if path.suffix in TEXT_SUFFIXES or path.name in TEXT_NAMES:
            yield path.relative_to(root).as_posix(), path.read_text("utf-8").splitlines()


def modules(root: Path, package: str) -> Iterator[tuple[str, str, ast.Module]]:
    """Yield (path below root, dotted name, tree) of each Python file of a package; generated code is left out."""
    base = root / PACKAGES[package]
    for path in sorted(base.rglob("*.py")):
        inner = path.relative_to(base).with_suffix("")
        if package == "sito" and inner.parts[0] == "v1":
            continue
        parts = [package, *inner.parts]
        if parts[-1] == "__init__":
            parts.pop()
        yield path.relative_to(root).as_posix(), ".".join(parts), ast.parse(path.read_text("utf-8"), str(path))


def imports(tree: ast.Module, name: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of every import, relative ones resolved, `from a import b` as `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = name.split(".")
                parts = parts[: len(parts) - node.level + (1 if is_package else 0)]
                base = ".".join([*parts, base] if base else parts)
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def floor(room: str) -> int | None:
    return next((height for height, rooms in enumerate(FLOORS) if room in rooms), None)


def import_arrows(root: Path) -> Iterator[str]:
    for package in PACKAGES:
        for path, name, tree in modules(root, package):
            own = name.split(".")[1] if "." in name else ""
            height = floor(own)
            if package == "sito" and own and own not in CLIENTS | {"__main__"} and height is None:
                yield f"{path}:1: room {own!r} has no floor: give it one in {Path(__file__).name} and ARCHITECTURE.md"
            for line, target in imports(tree, name, path.endswith("__init__.py")):
                top, _, rest = target.partition(".")
                if top not in PACKAGES:
                    continue
                if top not in MAY_IMPORT[package]:
                    yield f"{path}:{line}: {package} imports {top}: arrows are sito_server -> sito -> sito_ext"
                    continue
                room = rest.split(".")[0]
                if package != "sito" or top != "sito" or not own or room == own:
                    continue
                if own in CLIENTS:
                    if room not in CLIENT_MAY_IMPORT:
                        yield f"{path}:{line}: {own} imports {room}: it knows the wire contract alone"
                    continue
                if own in {"cli", "__main__"}:
                    continue
                target_height = floor(room)
                if target_height is None:  # a name of sito/__init__.py, which imports nearly every room
                    yield f"{path}:{line}: {own} imports {target} from the top: import it from its room"
                elif height is not None and target_height >= height and (own, room) not in BESIDE:
                    yield f"{path}:{line}: {own} imports {room}: arrows point down only"
    base = root / PACKAGES["sito_ext"]
    for source in sorted([*base.glob("*.pyx"), *base.glob("*.pxd")]):
        for line, text in enumerate(source.read_text("utf-8").splitlines(), 1):
            if re.match(r"\s*(?:from|import|cimport)\s+(?:sito|sito_server)(?![\w])", text):
                yield f"{source.relative_to(root).as_posix()}:{line}: sito_ext imports upwards"


def packages_are_complete(root: Path) -> Iterator[str]:
    """A folder of modules without `__init__.py` would be left out of the wheel without a word."""
    for base in PACKAGES.values():
        folders = {path.parent for path in (root / base).rglob("*.py")}
        for folder in sorted(folders):
            if not (folder / "__init__.py").exists():
                yield f"{folder.relative_to(root).as_posix()}:1: no __init__.py: the wheel would lack this package"


def _sort_key(name: str) -> tuple[int, str]:
    # The order of ruff's RUF022: constants, classes, the rest.
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def public_names(root: Path) -> Iterator[str]:
    for package in PACKAGES:
        for path, _, tree in modules(root, package):
            declared: ast.Assign | ast.AnnAssign | None = None
            defined: set[str] = set()
            imported: set[str] = set()
            for node in tree.body:
                if isinstance(node, ast.Assign | ast.AnnAssign):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    names = {target.id for target in targets if isinstance(target, ast.Name)}
                    if "__all__" in names:
                        declared = node
                    defined |= names
                elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    defined.add(node.name)
                elif isinstance(node, ast.ImportFrom) and path.endswith("__init__.py"):
                    imported |= {alias.asname or alias.name for alias in node.names}
            if declared is None or not isinstance(declared.value, ast.List | ast.Tuple):
                continue
            given = [item.value for item in declared.value.elts if isinstance(item, ast.Constant)]
            where = f"{path}:{declared.lineno}"
            if given != sorted(given, key=_sort_key):
                yield f"{where}: __all__ is not sorted"
            if len(given) != len(set(given)):
                yield f"{where}: __all__ names something twice"
            public = {item for item in defined if not item.startswith("_")}
            for missing in sorted(public - set(given)):
                yield f"{where}: __all__ lacks {missing}"
            known = defined | imported
            lazy = "__getattr__" in defined
            for unknown in sorted(set(given) - known):
                if not lazy:
                    yield f"{where}: __all__ names {unknown}, which is not here"


def native_modules_have_interfaces(root: Path) -> Iterator[str]:
    for source in sorted((root / PACKAGES["sito_ext"]).glob("*.pyx")):
        if not source.with_suffix(".pyi").exists():
            yield f"{source.relative_to(root).as_posix()}:1: no {source.stem}.pyi beside it"
    for stub in sorted((root / PACKAGES["sito_ext"]).glob("*.pyi")):
        if not stub.with_suffix(".pyx").exists():
            yield f"{stub.relative_to(root).as_posix()}:1: a stub without its .pyx"


_CDEF = re.compile(
    r"^(?P<indent>[ ]*)(?P<word>cdef|cpdef)[ ]+(?!class\b|struct\b|packed\b|enum\b|union\b|extern\b|cppclass\b)"
    r"(?P<head>[^()=:#]*?)\b(?P<name>\w+)[ ]*\("
)
_PYTHON_TYPES = frozenset({"object", "str", "bytes", "bytearray", "list", "dict", "tuple", "set", "frozenset"})


def native_functions_say_what_they_raise(root: Path) -> Iterator[str]:
    base = root / PACKAGES["sito_ext"]
    for source in sorted([*base.glob("*.pyx"), *base.glob("*.pxd")]):
        lines = source.read_text("utf-8").splitlines()
        for number, line in enumerate(lines):
            match = _CDEF.match(line)
            if match is None:
                continue
            depth, signature = 0, ""
            for following in lines[number : number + 60]:
                code = following.split("#")[0]
                signature += code + " "
                depth += code.count("(") - code.count(")")
                if depth <= 0 and not code.rstrip().endswith("\\"):
                    break
            start = signature.index("(", match.end("name") - 1)
            depth = 0
            for end, character in enumerate(signature[start:], start):  # noqa: B007
                depth += {"(": 1, ")": -1}.get(character, 0)
                if depth == 0:
                    break
            tail = signature[end + 1 :]
            words = match["head"].split()
            returned = next((word for word in reversed(words) if word not in {"inline", "api", "public"}), "object")
            # A function that returns a Python object raises as Python does; Cython allows no clause there.
            if returned in _PYTHON_TYPES or (returned[:1].isupper() and not returned.endswith("C")):
                continue
            if not re.search(r"\b(?:noexcept|except)\b", tail):
                where = f"{source.relative_to(root).as_posix()}:{number + 1}"
                yield f"{where}: {match['name']} says neither noexcept nor except"


def _template(node: ast.expr) -> str:
    """The fixed part of a string expression: what an f-string or a sum fills in becomes {}."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _template(node.left) + _template(node.right)
    return "{}"


def error_codes(root: Path) -> Iterator[str]:
    """One code has one meaning: one `expected` text, or a line `CODE what it means` in a docstring that covers all."""
    uses: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    documented: set[str] = set()
    for package in ("sito", "sito_server"):
        for path, _, tree in modules(root, package):
            for node in ast.walk(tree):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    docstring = ast.get_docstring(node) or ""
                    documented |= set(re.findall(r"\b([A-Z]{3}\d{3})`{0,2}:?\s+\w", docstring))
                if not isinstance(node, ast.Call):
                    continue
                code = node.args[0] if node.args else None
                if not (isinstance(code, ast.Constant) and isinstance(code.value, str)):
                    continue
                if not ERROR_CODE.fullmatch(code.value):
                    continue
                keywords = {word.arg: word.value for word in node.keywords}
                if "expected" not in keywords:
                    continue
                where = f"{path}:{node.lineno}"
                called = node.func.id if isinstance(node.func, ast.Name) else ""
                prefix = ERROR_PREFIX.get(called)
                if prefix and not code.value.startswith(prefix):
                    yield f"{where}: {called} has codes {prefix}…, got {code.value}"
                if "got" not in keywords:
                    yield f"{where}: {code.value} does not say what it got"
                uses[code.value][_template(keywords["expected"])].append(where)
    for code_text, meanings in sorted(uses.items()):
        if len(meanings) > 1 and code_text not in documented:
            for meaning, places in sorted(meanings.items(), key=lambda item: item[1]):
                yield f"{places[0]}: {code_text} has {len(meanings)} meanings; here {meaning!r}: document or split it"


def banned_words(root: Path) -> Iterator[str]:
    for path, lines in text_files(root):
        for number, line in enumerate(lines, 1):
            for rule, why in (
                (MACHINE_PATH, "a path of one machine"),
                (OUTSIDE, "a path outside the repository"),
                (REGISTRIES, "the address of a package registry"),
                (UNFINISHED, "unfinished work: finish it or open an issue"),
            ):
                if found := rule.search(line):
                    yield f"{path}:{number}: {found.group()!r} is {why}"


def paths_stay_inside(root: Path) -> Iterator[str]:
    """Makefile, README, CI and tests name nothing outside the repository."""
    for path, lines in text_files(root):
        top = path.split("/")[0]
        if top not in {"Makefile", "README.md", "tests", ".ci", "bench"} or path == "tests/test_tidy.py":
            continue
        for number, line in enumerate(lines, 1):
            if found := SYSTEM_PATH.search(line):
                yield f"{path}:{number}: {found.group()!r} is outside the repository"
            if top in {"Makefile", "README.md"} and re.search(r"(?<![\w./])\.\./(?!html\b)", line):
                yield f"{path}:{number}: '../' leaves the repository"


def file_sizes(root: Path) -> Iterator[str]:
    for path in files(root):
        name = path.relative_to(root).as_posix()
        if path.stat().st_size > SIZE_MAX and name not in LARGE_FILES:
            yield f"{name}:1: {path.stat().st_size} bytes, at most {SIZE_MAX} unless listed in LARGE_FILES"
    for name in sorted(LARGE_FILES):
        if not (root / name).exists():
            yield f"{name}:1: listed in LARGE_FILES and not there"


def _dotted(node: ast.expr) -> str:
    return f"{_dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def no_prints_and_no_environment(root: Path) -> Iterator[str]:
    for package in ("sito", "sito_server"):
        for path, name, tree in modules(root, package):
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                    yield f"{path}:{node.lineno}: print: return a value, or use the console of sito.cli"
                if name.split(".")[-1] == "config":
                    continue
                names: set[str] = set()
                if isinstance(node, ast.Attribute):
                    names = {_dotted(node)}
                elif isinstance(node, ast.ImportFrom):
                    names = {f"{node.module}.{alias.name}" for alias in node.names}
                if names & {"os.environ", "os.getenv", "os.environb"}:
                    yield f"{path}:{node.lineno}: only config.py reads the environment"


def architecture_names_every_room(root: Path) -> Iterator[str]:
    page = root / "docs/ARCHITECTURE.md"
    text = page.read_text("utf-8") if page.exists() else ""
    rooms: set[str] = set()
    for base in PACKAGES.values():
        for path in (root / base).iterdir():
            if path.name.startswith(("_", ".")) or path.name == "py.typed":
                continue
            if path.is_dir() and any(path.rglob("*.py")):
                rooms.add(f"{base}/{path.name}/")
            elif path.suffix in {".py", ".pyx"}:
                rooms.add(f"{base}/{path.name}")
    for top in ("bench", "demo", "proto", "tests", "requirements"):
        if (root / top).is_dir() and any(path.is_file() for path in (root / top).rglob("*")):
            rooms.add(f"{top}/")
    for room in sorted(rooms):
        if f"`{room}`" not in text:
            yield f"docs/ARCHITECTURE.md:1: does not name `{room}`"
    for number, line in enumerate(text.splitlines(), 1):
        for named in re.findall(r"`((?:engine|ext|server|bench|demo|tests|docs|proto)/[\w./-]+)`", line):
            if not (root / named).exists():
                yield f"docs/ARCHITECTURE.md:{number}: names `{named}`, which is not there"


def pages_name_every_code_and_format(root: Path) -> Iterator[str]:
    """docs/errors.md has one row for each code of the source and no other, docs/formats.md one for each format."""
    codes: dict[str, str] = {}
    formats: dict[str, str] = {}
    for package in ("sito", "sito_server"):
        for path, _, tree in modules(root, package):
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and KNOWN_CODE.fullmatch(node.value):
                    codes.setdefault(node.value, f"{path}:{node.lineno}")
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                    names = {target.id for target in node.targets if isinstance(target, ast.Name)}
                    if "FORMAT" in names and isinstance(node.value.value, str):
                        formats.setdefault(node.value.value, f"{path}:{node.lineno}")
    pages = {name: root / f"docs/{name}.md" for name in ("errors", "formats")}
    texts = {name: page.read_text("utf-8") if page.exists() else "" for name, page in pages.items()}
    rows = re.findall(r"^\| ([A-Z]{3}\d{3}) \| *\S", texts["errors"], re.MULTILINE)
    for code in sorted(codes.keys() - set(rows)):
        yield f"{codes[code]}: {code} has no row in docs/errors.md"
    for code in sorted(set(rows) - codes.keys()):
        yield f"docs/errors.md:1: {code} is not in the source"
    for code in sorted({code for code in rows if rows.count(code) > 1}):
        yield f"docs/errors.md:1: {code} has two rows"
    for name in sorted(formats):
        if f"| `{name}`" not in texts["formats"]:
            yield f"{formats[name]}: format {name!r} has no row in docs/formats.md"


def _whole_number(node: ast.expr) -> int | None:
    """Value of a constant expression such as `4 << 20`."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.LShift | ast.Mult):
        left, right = _whole_number(node.left), _whole_number(node.right)
        if left is not None and right is not None:
            return left << right if isinstance(node.op, ast.LShift) else left * right
    return None


def limits_are_those_of_the_source(root: Path) -> Iterator[str]:
    """Each row of the limits in docs/operations.md has the value of the constant that it names."""
    page = root / "docs/operations.md"
    text = page.read_text("utf-8") if page.exists() else ""
    for number, line in enumerate(text.splitlines(), 1):
        row = re.match(r"\| [^|]+ \| (\d[\d ]*)[^|]*\| `([\w/.]+\.py)` `(\w+)` \|", line)
        if row is None:
            continue
        source = root / row[2]
        values = {
            target.id: _whole_number(node.value)
            for node in (ast.parse(source.read_text("utf-8")).body if source.exists() else [])
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        if values.get(row[3]) != int(row[1].replace(" ", "")):
            yield f"docs/operations.md:{number}: {row[3]} is {values.get(row[3])} in {row[2]}, not {row[1].strip()}"


RULES: tuple[Callable[[Path], Iterator[str]], ...] = (
    import_arrows,
    packages_are_complete,
    public_names,
    native_modules_have_interfaces,
    native_functions_say_what_they_raise,
    error_codes,
    banned_words,
    paths_stay_inside,
    file_sizes,
    no_prints_and_no_environment,
    architecture_names_every_room,
    pages_name_every_code_and_format,
    limits_are_those_of_the_source,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_checkout_keeps(rule: Callable[[Path], Iterator[str]]) -> None:
    breaches = list(rule(ROOT))
    if breaches:
        pytest.fail("\n".join(breaches), pytrace=False)


# (rule, files of a small tree, what the first breach must say; empty: no breach)
BREAKING: list[tuple[Callable[[Path], Iterator[str]], dict[str, str], str]] = [
    (import_arrows, {"engine/sito/lists/a.py": "from sito.screen import Screener\n"}, "a.py:1: lists imports screen"),
    (import_arrows, {"engine/sito/lists/a.py": "from ..index import Index\n"}, "a.py:1: lists imports index"),
    (import_arrows, {"engine/sito/index.py": "import sito_server\n"}, "index.py:1: sito imports sito_server"),
    (import_arrows, {"server/sito_server/a.py": "import sito_ext.fold\n"}, "a.py:1: sito_server imports sito_ext"),
    (import_arrows, {"ext/sito_ext/a.pyx": "from sito.names cimport x\n"}, "a.pyx:1: sito_ext imports upwards"),
    (import_arrows, {"ext/sito_ext/a.pyx": "from sito_ext.types cimport x\n"}, ""),
    (import_arrows, {"engine/sito/kitchen.py": ""}, "kitchen.py:1: room 'kitchen' has no floor"),
    (import_arrows, {"engine/sito/client.py": "from sito.screen import x\n"}, "client.py:1: client imports screen"),
    (import_arrows, {"engine/sito/screen.py": "from sito.index import Index\nimport sito_ext.fold\n"}, ""),
    (packages_are_complete, {"engine/sito/lists/a.py": ""}, "engine/sito/lists:1: no __init__.py"),
    (public_names, {"engine/sito/a.py": "__all__ = ['b', 'A']\nA = b = 1\n"}, "a.py:1: __all__ is not sorted"),
    (public_names, {"engine/sito/a.py": "__all__ = ['b']\nb = c = 1\n"}, "a.py:1: __all__ lacks c"),
    (public_names, {"engine/sito/a.py": "__all__ = ['b', 'd']\nb = 1\n"}, "a.py:1: __all__ names d"),
    (public_names, {"engine/sito/a.py": "__all__ = ['LIMIT', 'Name', 'fold']\nLIMIT = Name = fold = 1\n"}, ""),
    (native_modules_have_interfaces, {"ext/sito_ext/a.pyx": ""}, "a.pyx:1: no a.pyi"),
    (native_functions_say_what_they_raise, {"ext/sito_ext/a.pyx": "cdef int f(int x) nogil:\n"}, "a.pyx:1: f says"),
    (native_functions_say_what_they_raise, {"ext/sito_ext/a.pxd": "cdef int f(\n    int x,\n)\n"}, "a.pxd:1: f says"),
    (native_functions_say_what_they_raise, {"ext/sito_ext/a.pyx": "cdef int f(int x) except -1 nogil:\n"}, ""),
    (native_functions_say_what_they_raise, {"ext/sito_ext/a.pyx": "cdef int x = f(1)\ncdef bytes g(int x):\n"}, ""),
    (
        native_functions_say_what_they_raise,
        {"ext/sito_ext/a.pyx": "cdef inline void f(\n    int (*g)(int) noexcept,\n) noexcept nogil:\n"},
        "",
    ),
    (
        error_codes,
        {"engine/sito/a.py": "f('LST101', expected='a', got='')\nf('LST101', expected='b', got='')\n"},
        "a.py:1: LST101 has 2 meanings",
    ),
    (
        error_codes,
        {"engine/sito/a.py": "f('LST101', expected='a', got='')\nf('LST101', expected='a', got='x')\n"},
        "",
    ),
    (error_codes, {"engine/sito/a.py": "ListError('REC101', expected='a', got='')\n"}, "ListError has codes LST"),
    (error_codes, {"engine/sito/a.py": "ListError('LST101', expected='a')\n"}, "LST101 does not say what it got"),
    (banned_words, {"engine/sito/a.py": "# TO" + "DO later\n"}, "a.py:1: 'TO" + "DO' is unfinished"),
    (banned_words, {"README.md": "see /wo" + "rk/x\n"}, "README.md:1:"),
    (banned_words, {"README.md": "see ../sha" + "red/x\n"}, "README.md:1:"),
    (banned_words, {"README.md": "a/shared/b and /home-made and https://example.test/home/x\n"}, ""),
    (paths_stay_inside, {"Makefile": "a:\n\tcp /usr/" + "x .\n"}, "Makefile:2:"),
    (paths_stay_inside, {"tests/a.py": "'file:///etc/passwd'\n"}, ""),
    (file_sizes, {"bench/a.csv": "x" * (SIZE_MAX + 1)}, "bench/a.csv:1: 1500001 bytes"),
    (no_prints_and_no_environment, {"engine/sito/a.py": "print(1)\n"}, "a.py:1: print"),
    (no_prints_and_no_environment, {"engine/sito/a.py": "import os\nx = os.environ['X']\n"}, "a.py:2: only config.py"),
    (no_prints_and_no_environment, {"engine/sito/config.py": "import os\nx = os.environ['X']\n"}, ""),
    (
        architecture_names_every_room,
        {"docs/ARCHITECTURE.md": "`engine/sito/gone.py`\n", "engine/sito/a.py": ""},
        "ARCHITECTURE.md:1: does not name `engine/sito/a.py`",
    ),
    (architecture_names_every_room, {"docs/ARCHITECTURE.md": "`docs/gone.md`\n"}, "names `docs/gone.md`, which is not"),
    (
        limits_are_those_of_the_source,
        {"docs/operations.md": "| a | 4 097 bytes | `a.py` `A_MAX` | b |\n", "a.py": "A_MAX = 4 << 10\n"},
        "A_MAX is 4096 in a.py, not 4 097",
    ),
    (
        limits_are_those_of_the_source,
        {"docs/operations.md": "| a | 4 096 bytes | `a.py` `A_MAX` | b |\n", "a.py": "A_MAX = 4 << 10\n"},
        "",
    ),
    (pages_name_every_code_and_format, {"engine/sito/a.py": "f('LST101')\n"}, "a.py:1: LST101 has no row"),
    (pages_name_every_code_and_format, {"docs/errors.md": "| LST101 | a | |\n"}, "LST101 is not in the source"),
    (pages_name_every_code_and_format, {"engine/sito/a.py": "FORMAT = 'b-xml'\n"}, "format 'b-xml' has no row"),
    (
        pages_name_every_code_and_format,
        {
            "engine/sito/a.py": "FORMAT = 'b-xml'\nf('LST101')\n",
            "docs/errors.md": "| LST101 | a | |\n",
            "docs/formats.md": "| `b-xml` the b list |\n",
        },
        "",
    ),
]


@pytest.mark.parametrize(("rule", "tree", "breach"), BREAKING, ids=lambda value: getattr(value, "__name__", None))
def test_a_rule_fires_where_it_should_and_only_there(
    tmp_path: Path, rule: Callable[[Path], Iterator[str]], tree: dict[str, str], breach: str
) -> None:
    for base in PACKAGES.values():
        (tmp_path / base).mkdir(parents=True)
    for name, text in tree.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    found = list(rule(tmp_path))
    if breach:
        assert found and breach in found[0]
    else:
        assert found == []
