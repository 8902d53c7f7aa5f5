"""The bank on the command line: ``python -m bank enrol | verify | customers | export | delete | audit | ...``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from bank import audit
from bank.bank import Bank
from bank.enrol import camera_sample
from bank.errors import BankError
from bank.photos import PhotoFinding
from bank.pictures import Picture
from bank.policy import Policy
from bank.records import CustomerInfo
from bank.risk import Blocklist, RequestContext
from bank.still import Refusal
from bank.verify import Decision
from liveness.models import ModelError
from prnu.chance import told
from prnu.enrol import Step
from prnu.images import MIN_SIDE, ImageError
from prnu.quality import by_reason, listed
from provenance.report import examine

DONE, NOT_ACCEPTED, UNUSABLE = 0, 1, 2

DESCRIPTION = """\
Enrol customers with their face and their cameras, verify selfies, and keep the record.

Templates and fingerprints are encrypted. The key is LENSLOCK_KEY, or bank.key in the data folder, which is made at
first start: back it up, without it nothing can be read again.

A key in LENSLOCK_ABUSEIPDB_KEY or LENSLOCK_OTX_KEY turns that threat feed on: it is sent the address given with a
verification, and nothing else."""

EPILOG = """\
examples:
  python -m bank enrol Anna --faces anna1.jpg anna2.jpg --photos walls/*.jpg --label "Anna's phone"
  python -m bank verify Anna --photos selfie1.jpg selfie2.jpg selfie3.jpg
  python -m bank customers --json customers.json
  python -m bank audit verify
  python -m bank audit export trail.jsonl

Photos say nothing of liveness and freshness, so verify uses the profile "photos" of the policy unless told otherwise.
exit codes: 0 accepted or done, 1 not accepted or a finding, 2 something could not be used."""

out, err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)

_COLOURS = {"passed": "green", "failed": "red", "inconclusive": "yellow"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        bank = Bank(
            options.database,
            folder=options.folder,
            policy=Policy.load(options.policy),
            blocklist=Blocklist.load(options.blocklist) if getattr(options, "blocklist", None) else None,
        )
        try:
            code, result = options.run(bank, options)
        finally:
            bank.close()
        if options.json:
            text = json.dumps(result, indent=1, allow_nan=False, default=_plain)
            options.json.write_text(text + "\n", encoding="utf-8")
    except (BankError, ImageError, ModelError) as error:
        _say(err, "[bold red]error[/]", str(error))
        return UNUSABLE
    except OSError as error:
        _say(err, "[bold red]error[/]", f"{error.filename or 'output'}: {error.strerror or error}")
        return UNUSABLE
    return int(code)


def _enrol(bank: Bank, options: argparse.Namespace) -> tuple[int, Any]:
    sample = None
    if options.photos:
        with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
            task = progress.add_task("reading photos", total=len(options.photos))
            steps: list[Step] = []

            def watch(step: Step) -> None:
                progress.advance(task)
                steps.append(step)

            try:
                sample = camera_sample(options.photos, options.label, bank.policy.enrolment, options.crop, watch)
            finally:
                for accepted, word in ((True, "[yellow]note[/]"), (False, "[red]left out[/]")):
                    told = by_reason((step.name, step.message) for step in steps if step.accepted == accepted)
                    for message, names in told.items():
                        if message:
                            _say(err, word, f"{listed(names)}: {message}")
        for issue in sample.quality.issues:
            _say(err, "[yellow]note[/]", issue.advice)
    info = bank.enrol(
        options.name,
        faces=options.faces or None,
        photos=sample,
        replace=options.replace,
        allow_shared=options.allow_shared,
    )
    _say(out, "[bold green]enrolled[/]", _described(info))
    return DONE, asdict(info)


def _verify(bank: Bank, options: argparse.Namespace) -> tuple[int, Any]:
    pictures = list(_readable(options.photos))
    context = RequestContext.read({"address": options.address, "device": options.device})
    ongoing = bank.begin(options.name, context, profile=options.profile, stream=False)
    for picture in pictures:
        taken = ongoing.capture.upload(picture)
        if isinstance(taken, Refusal):
            _say(out, "[yellow]left out[/]", f"{picture.name}: {taken.text}")
    decision, camera = bank.verify_showing(ongoing)
    files = [examine(path, path.name) for path in options.photos]
    _show(decision)
    _show_photos(camera.photos)
    for file in files:
        for finding in file.findings:
            if finding.level == "warn":
                _say(out, "[yellow]file[/]", f"{file.name}: {finding.text}")
    result = decision.to_dict()
    result["photos"] = [
        {
            "name": one.name,
            "verdict": one.verdict,
            "reason": one.reason,
            "standing": one.standing,
            "pce": one.found.pce,
            "p_value": one.found.p_value,
        }
        for one in camera.photos
    ]
    result["files"] = [
        {"name": file.name, "findings": [asdict(finding) for finding in file.findings]} for file in files
    ]
    return (DONE if decision.accepted else NOT_ACCEPTED), result


def _readable(paths: Sequence[Path]) -> Iterator[Picture]:
    """The photos that can be read; those that cannot are told of. ImageError if there is none."""
    failed, read = None, False
    for path in paths:
        try:
            picture = Picture.from_file(path)
        except ImageError as error:
            failed = error
            _say(out, "[yellow]left out[/]", str(error))
            continue
        read = True
        yield picture
    if failed and not read:
        raise failed


def _show_photos(photos: Sequence[PhotoFinding]) -> None:
    """What each of several photos says of the camera."""
    if not photos:
        return
    table = Table("no.", "photo", "camera", "PCE", "false-alarm probability", "why")
    for number, one in enumerate(photos, 1):
        verdict = f"[{_COLOURS[one.verdict]}]{one.verdict}[/]"
        figures = f"{one.found.pce:.1f}", told(one.found.p_value)
        table.add_row(str(number), escape(one.name), verdict, *figures, escape(one.advice))
    out.print(table)


def _show(decision: Decision) -> None:
    colour = {"accepted": "green", "refused": "red", "step-up": "yellow"}[decision.outcome]
    _say(out, f"[bold {colour}]{decision.outcome}[/]", decision.advice)
    table = Table("factor", "", "score", "threshold", "why")
    for factor in decision.factors:
        name = factor.name if factor.name in decision.required else f"{factor.name} (advisory)"
        score, threshold = (f"{x:.3g}" if x == x else "-" for x in (factor.score, factor.threshold))
        verdict = f"[{_COLOURS[factor.verdict]}]{factor.verdict}[/]"
        table.add_row(name, verdict, f"{score} {factor.measure}", threshold, escape(factor.advice))
    out.print(table)
    for signal in decision.signals:
        _say(out, f"[yellow]risk, {signal.level}[/]", signal.text)


def _customers(bank: Bank, options: argparse.Namespace) -> tuple[int, Any]:
    infos = bank.customers()
    for info in infos:
        _say(out, "", _described(info))
    if not infos:
        _say(out, "Nobody is enrolled yet.")
    return DONE, [asdict(info) for info in infos]


def _export(bank: Bank, options: argparse.Namespace) -> tuple[int, Any]:
    result = bank.export(options.name)
    if not options.json:
        out.print_json(json.dumps(result, default=_plain))
    return DONE, result


def _delete(bank: Bank, options: argparse.Namespace) -> tuple[int, Any]:
    name = bank.customer(options.name).name
    if options.camera:
        bank.remove_camera(name, options.camera)
        _say(out, "[bold]deleted[/]", f"camera {options.camera} of {name}")
    elif options.yes:
        bank.delete(name)
        _say(out, "[bold]deleted[/]", f"{name}, with everything that was theirs")
    else:
        _say(err, "[bold red]error[/]", f"This deletes everything of {name} for good. Say --yes if you mean it.")
        return UNUSABLE, None
    return DONE, {"deleted": name, "camera": options.camera}


def _publish(bank: Bank, options: argparse.Namespace) -> tuple[int, Any]:
    count = bank.publish(options.name, options.camera, options.photos)
    _say(out, "", f"{count} published photos of this camera are known now: copies of their noise are looked for.")
    return DONE, {"published": count}


def _rotate(bank: Bank, options: argparse.Namespace) -> tuple[int, Any]:
    bank.rotate_key()
    _say(out, "[bold green]done[/]", "Everything is encrypted with a new key. Back up the new one.")
    return DONE, {"rotated": True}


def _check(bank: Bank, options: argparse.Namespace) -> tuple[int, Any]:
    findings = bank.store.check()
    with bank.store.read() as session:
        chain = audit.verify_chain(session)
    for finding in findings:
        _say(out, "[bold red]changed[/]", str(finding))
    if chain.problem:
        _say(out, "[bold red]audit[/]", chain.problem)
    good = chain.intact and not findings
    if good:
        _say(out, "[bold green]intact[/]", f"every row and record, and {chain.entries} audit entries")
    result = {"findings": [{"table": f.table, "row": f.row, "text": str(f)} for f in findings], "audit": asdict(chain)}
    return (DONE if good else NOT_ACCEPTED), result


def _audit_verify(bank: Bank, options: argparse.Namespace) -> tuple[int, Any]:
    with bank.store.read() as session:
        status = audit.verify_chain(session, options.expect)
    if status.intact:
        _say(out, "[bold green]intact[/]", f"{status.entries} entries, none changed, removed, added or moved")
        _say(out, "", f"Note this elsewhere, and give it with --expect next time: {status.head}")
    else:
        _say(out, "[bold red]not intact[/]", status.problem)
    return (DONE if status.intact else NOT_ACCEPTED), asdict(status)


def _audit_show(bank: Bank, options: argparse.Namespace) -> tuple[int, Any]:
    with bank.store.read() as session:
        found = list(
            audit.entries(
                session,
                limit=options.limit,
                kind=options.kind,
                attempt_id=options.attempt,
                customer_id=bank.customer(options.customer).id if options.customer else None,
            )
        )
    if options.attempt:
        out.print_json(json.dumps([asdict(entry) for entry in found], default=_plain))
    else:
        table = Table("no.", "when (UTC)", "what", "customer", "attempt", "outcome", "reason")
        for e in found:
            when, ids = f"{e.at:%Y-%m-%d %H:%M:%S}", (e.customer_id[:8], e.attempt_id[:8])
            table.add_row(str(e.seq), when, e.kind, *ids, e.outcome, escape(str(e.body.get("reason") or "")))
        out.print(table)
    return DONE, [asdict(entry) for entry in found]


def _audit_export(bank: Bank, options: argparse.Namespace) -> tuple[int, Any]:
    write = audit.export_csv if options.file.suffix.lower() == ".csv" else audit.export_jsonl
    with bank.store.read() as session, options.file.open("w", encoding="utf-8", newline="") as file:
        count = write(session, file)
    _say(out, "", f"{options.file}: {count} entries")
    return DONE, {"file": str(options.file), "entries": count}


def _described(info: CustomerInfo) -> str:
    cameras = ", ".join(f"{c.label} ({c.width}x{c.height}, {c.images} photos)" for c in info.cameras) or "no camera"
    return f"{info.name}: {'face' if info.face_frames else 'no face'}, {cameras}"


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _say(console: Console, marked: str, plain: str = "") -> None:
    console.print(" ".join(filter(None, (marked, escape(plain)))), highlight=False)


def _size(text: str) -> tuple[int, int]:
    height, cross, width = text.lower().partition("x")
    if not (cross and height.isdecimal() and width.isdecimal() and min(int(height), int(width)) >= MIN_SIDE):
        advice = f"give HEIGHTxWIDTH in pixels, each at least {MIN_SIDE}, such as 720x1280"
        raise argparse.ArgumentTypeError(f"{text!r}: {advice}")
    return int(height), int(width)


def _parser() -> argparse.ArgumentParser:
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m bank", description=DESCRIPTION, epilog=EPILOG, formatter_class=plain)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--database", metavar="URL", help="default LENSLOCK_DATABASE_URL, else a file in the folder")
    shared.add_argument("--folder", type=Path, help="default LENSLOCK_HOME, else the user's data folder")
    shared.add_argument("--policy", type=Path, metavar="FILE", help="default LENSLOCK_POLICY, else the packaged one")
    shared.add_argument("--json", type=Path, metavar="FILE", help="write the result there, too")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, about: str, under: Any = commands) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = under.add_parser(name, help=about, description=about, parents=[shared])
        made.set_defaults(run=run)
        return made

    enrol = command("enrol", _enrol, "enrol a face and a camera, or one of them for somebody who is enrolled")
    enrol.add_argument("name")
    enrol.add_argument("--faces", type=Path, nargs="+", metavar="PHOTO", default=[], help="photos of the face")
    enrol.add_argument("--photos", type=Path, nargs="+", metavar="PHOTO", default=[], help="15 to 25 by the camera")
    enrol.add_argument("--label", default="Camera", help="what to call the camera")
    enrol.add_argument("--crop", type=_size, metavar="HxW", help="use the centre of the camera's photos only")
    enrol.add_argument("--replace", action="store_true", help="what is enrolled already gives way")
    enrol.add_argument("--allow-shared", action="store_true", help="the camera may be somebody else's, too")

    verify = command("verify", _verify, "check selfies from files")
    verify.add_argument("name")
    verify.add_argument("--photos", type=Path, nargs="+", metavar="PHOTO", required=True, help="selfies")
    verify.add_argument("--profile", default="photos", help="of the policy (default: photos)")
    verify.add_argument(
        "--address", default="", help="network address of the request; threat feeds with a key are asked about it"
    )
    verify.add_argument("--device", default="", help="user agent or device of the request")
    verify.add_argument("--blocklist", type=Path, metavar="FILE", help="addresses and networks worth a warning")

    command("customers", _customers, "list who is enrolled")
    export = command("export", _export, "everything of a customer, but for camera fingerprints")
    export.add_argument("name")
    delete = command("delete", _delete, "delete a customer with everything that is theirs, or one camera")
    delete.add_argument("name")
    delete.add_argument("--camera", metavar="LABEL", help="only this camera")
    delete.add_argument("--yes", action="store_true", help="yes, for good")
    publish = command(
        "publish", _publish, "tell of photos by a camera that others may have, to find copies of its noise"
    )
    publish.add_argument("name")
    publish.add_argument("camera", metavar="LABEL")
    publish.add_argument("photos", type=Path, nargs="+", metavar="PHOTO")
    command("rotate-key", _rotate, "encrypt everything with a new key")
    command("check", _check, "look for rows, records and audit entries that were changed outside LensLock")

    trail = commands.add_parser("audit", help="the record of every attempt").add_subparsers(
        required=True, metavar="verify | show | export"
    )
    chain = command("verify", _audit_verify, "was the record changed?", trail)
    chain.add_argument("--expect", metavar="HEAD", help="a head noted earlier must still be part of the record")
    show = command("show", _audit_show, "list entries, the newest first", trail)
    show.add_argument("--limit", type=int, default=20)
    show.add_argument("--kind")
    show.add_argument("--customer", metavar="NAME")
    show.add_argument("--attempt", metavar="ID", help="one attempt in full")
    write = command("export", _audit_export, "write the record to a .jsonl or .csv file", trail)
    write.add_argument("file", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
