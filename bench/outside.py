"""Clients that are not ours, on a running server: h2load of nghttp2 (Debian: nghttp2-client), and one for Node.

Each is left out, with the reason, where its program or its packages are missing. The client for Node is in bench/node;
its packages are installed in a folder of the build, at the versions of its package.json.
"""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.load import Payments
from bench.serving import METHOD, Expected

ROOT = Path(__file__).resolve().parent.parent
NODE = Path(__file__).with_name("node")
PROTO = ROOT / "proto/sito/v1/screening.proto"


class Missing(Exception):  # noqa: N818  (not an error: a reason)
    """Why a client is left out."""


def percentiles(times: Sequence[float]) -> dict[str, float]:
    """Return p50, p99 and p99.9 of times."""
    ordered = sorted(times)
    return {
        name: ordered[min(len(ordered) - 1, int(share * len(ordered)))]
        for name, share in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999))
    }


def h2load(
    address: str, message: bytes, folder: Path, *, connections: int, seconds: float, rate: float | None = None
) -> dict[str, float]:
    """Let h2load call Screen with one message.

    Args:
        folder: For its files.
        connections: One call in flight on each.
        rate: Calls a second of all connections together; None sends as fast as answers come.

    Returns:
        Calls that ended well, calls a second, and p50, p99, p999 in microseconds.

    Raises:
        Missing: h2load is not installed, or is too old.
        RuntimeError: A call failed.
    """
    program = shutil.which("h2load")
    if program is None:
        raise Missing("h2load is not installed (Debian: nghttp2-client)")
    body, log = folder / "h2load.request", folder / "h2load.log"
    body.write_bytes(struct.pack(">BI", 0, len(message)) + message)
    log.unlink(missing_ok=True)
    pace = ["--rps", f"{rate / connections:.3f}"] if rate else []
    done = subprocess.run(
        [program, "-c", str(connections), "-m", "1", "-t", "1", "-D", f"{seconds:.0f}", "-d", str(body),
         "-H", "content-type: application/grpc", "-H", "te: trailers", "--log-file", str(log), *pace,
         f"http://{address}{METHOD}Screen"],
        capture_output=True, text=True, timeout=seconds + 60,
    )  # fmt: skip
    if done.returncode or not log.exists():
        raise Missing(f"h2load does not do what is asked: {(done.stderr or done.stdout).strip()[:200]}")
    rows = [line.split("\t") for line in log.read_text().splitlines()]
    if not rows or any(row[1] != "200" for row in rows):
        raise RuntimeError(f"h2load: {sum(row[1] != '200' for row in rows)} of {len(rows)} calls failed")
    first, last = int(rows[0][0]), max(int(row[0]) + int(row[2]) for row in rows)
    # The first tenth warms up.
    times = [int(row[2]) for row in rows if int(row[0]) >= first + (last - first) / 10]
    return {"calls": len(rows), "rate": len(rows) / ((last - first) / 1e6), **percentiles(times)}


def node(
    address: str, batches: Sequence[tuple[Payments, Expected]], folder: Path, *, connections: int, rate: float,
    seconds: float,
) -> dict[str, Any]:  # fmt: skip
    """Let the client for Node call all methods that screen, and judge the answers.

    Raises:
        Missing: Node or npm is not installed, or the packages cannot be had.
        RuntimeError: It ended with an error that is no wrong answer.
    """
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        raise Missing("node and npm are not installed")
    home = ROOT / "build/bench-node"
    home.mkdir(parents=True, exist_ok=True)
    wanted = (NODE / "package.json").read_text("utf-8")
    stamp = home / "installed.json"
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        (home / "package.json").write_text(wanted, "utf-8")
        try:
            done = subprocess.run(
                [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"],
                cwd=home, capture_output=True, text=True, timeout=180,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Missing("npm does not come to an end") from None
        if done.returncode:
            raise Missing(f"npm cannot install the packages: {done.stderr.strip()[-200:]}")
        stamp.write_text(wanted, "utf-8")
    shutil.copy(NODE / "client.js", home / "client.js")
    task = folder / "node.json"
    task.write_text(
        json.dumps({
            "batches": [
                {
                    "ids": payments.ids, "debtors": payments.debtors, "creditors": payments.creditors,
                    "purposes": payments.purposes, "verdicts": expected[0],
                    "results": [
                        [place, id_, [[party[0], party[1], [[hit[0], hit[1], hit[3]] for hit in party[4]]]
                                      for party in parties]]
                        for place, id_, parties in expected[1]
                    ],
                }
                for payments, expected in batches
            ],
            "connections": connections, "rate": rate, "seconds": seconds,
        }),
        "utf-8",
    )  # fmt: skip
    done = subprocess.run(
        [program, str(home / "client.js"), address, str(PROTO), str(task)],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    try:
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise RuntimeError(f"the client for Node ended badly: {done.stderr.strip()[-500:]}") from None
    return answer
