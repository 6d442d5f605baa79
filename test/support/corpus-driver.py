"""Runs the Python verifier over the cases in a folder, one after another, and prints what it says of each as a JSON line."""

import contextlib
import io
import json
import os
import sys

sys.path.insert(0, sys.argv[1])
import midwatch_verify  # noqa: E402

for arguments in json.load(sys.stdin):
    stdout, stderr = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        code = midwatch_verify.main(arguments + ["--json"])
    report = json.loads(stdout.getvalue()) if stdout.getvalue() else None
    print(json.dumps({"code": code, "report": report, "stderr": stderr.getvalue()}))
