"""The doctor's findings for people and for machines."""

import sys
from collections.abc import Sequence

import msgspec
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from gateway.doctor.findings import Finding, Verdict

_STYLES = {
    Verdict.OK: "green",
    Verdict.WARN: "yellow",
    Verdict.FAIL: "bold red",
    Verdict.UNKNOWN: "dim",
}


def table(findings: Sequence[Finding]) -> RenderableType:
    """A line a check; below what is not right, what to do."""
    lines = Table("check", "", "found", box=box.SIMPLE_HEAD, pad_edge=False)
    for finding in findings:
        found = Text(finding.seen)
        if finding.remedy and finding.verdict is not Verdict.OK:
            found.append(f"\n-> {finding.remedy}", style="bold")
        lines.add_row(finding.check, Text(finding.verdict, style=_STYLES[finding.verdict]), found)
    return lines


def verdict(findings: Sequence[Finding]) -> str:
    """One line over all."""
    failed = sum(finding.verdict is Verdict.FAIL for finding in findings)
    warned = sum(finding.verdict is Verdict.WARN for finding in findings)
    if failed:
        return f"{failed} to mend, {warned} to look at"
    return f"nothing to mend, {warned} to look at" if warned else "all is well"


def is_well(findings: Sequence[Finding]) -> bool:
    """Whether nothing keeps a gateway from its work."""
    return all(finding.verdict is not Verdict.FAIL for finding in findings)


def show(findings: Sequence[Finding], *, json: bool) -> None:
    """Print the findings."""
    if json:
        sys.stdout.write(msgspec.json.encode(list(findings)).decode() + "\n")
        return
    console = Console()
    console.print(table(findings))
    console.print(verdict(findings), style="bold")
