"""What `make dist` wants of the built packages: exactly our three packages, whole, and nothing else.

python tests/check_dist.py dist
"""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOTS = {"sito": "engine", "sito_ext": "ext", "sito_server": "server"}
SUFFIXES = frozenset({".py", ".pyi", ".so"})


def wheel_problems(names: set[str]) -> list[str]:
    """Compare the content of a wheel with the checkout."""
    problems = []
    for name in sorted(names):
        top, _, rest = name.partition("/")
        if top.endswith(".dist-info"):
            continue
        data = rest.startswith("data/") or "/data/" in rest
        if top not in ROOTS:
            problems.append(f"{name}: not one of our packages")
        elif not data and Path(name).suffix not in SUFFIXES and Path(name).name != "py.typed":
            problems.append(f"{name}: neither Python, stub, library nor data")
    for package, root in ROOTS.items():
        base = ROOT / root
        for path in sorted((base / package).rglob("*")):
            name = path.relative_to(base).as_posix()
            wanted = path.suffix in {".py", ".pyi"} or path.name == "py.typed" or path.parent.name == "data"
            if path.is_file() and wanted and path.suffix != ".pyc" and name not in names:
                problems.append(f"{name}: missing")
        for source in (base / package).glob("*.pyx"):
            prefix = f"{package}/{source.stem}."
            if not any(name.startswith(prefix) and name.endswith(".so") for name in names):
                problems.append(f"{prefix}so: missing")
    for wanted in ("LICENSE", "NOTICE"):
        if not any(".dist-info/" in name and name.endswith(f"/{wanted}") for name in names):
            problems.append(f"{wanted}: missing")
    return problems


def sdist_problems(names: set[str]) -> list[str]:
    """Say which sources an sdist lacks, and what it should not carry."""
    inner = {name.partition("/")[2] for name in names}
    wanted = {
        "setup.py",
        "pyproject.toml",
        "LICENSE",
        "NOTICE",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Makefile",
    }
    # With these, every target of the Makefile works in an unpacked sdist.
    for root in (*ROOTS.values(), ".ci", "bench", "demo", "docs", "proto", "requirements", "tests"):
        for path in (ROOT / root).rglob("*"):
            made = path.suffix in {".so", ".pyc", ".c"} or any(
                part.endswith((".egg-info", "__pycache__")) for part in path.parts
            )
            if path.is_file() and not made:
                wanted.add(path.relative_to(ROOT).as_posix())
    problems = [f"{name}: missing" for name in sorted(wanted - inner)]
    return problems + [f"{name}: built, not a source" for name in sorted(inner) if name.endswith((".so", ".pyc", ".c"))]


def main(folder: Path) -> int:
    """Check the one wheel and the one sdist of a folder; 0 all right, 1 problems."""
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    with tarfile.open(sdist) as archive:
        sources = {member.name for member in archive.getmembers() if member.isfile()}
    problems = [f"{wheel.name}: {line}" for line in wheel_problems(names)]
    problems += [f"{sdist.name}: {line}" for line in sdist_problems(sources)]
    for line in problems:
        print(line)
    print(f"{wheel.name}: {len(names)} files, {wheel.stat().st_size} bytes")
    print(f"{sdist.name}: {len(sources)} files, {sdist.stat().st_size} bytes")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
