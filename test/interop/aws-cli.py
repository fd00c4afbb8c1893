"""Runs the AWS CLI for each line of standard input: {args, cwd, env} -> {code, out, err}.

To load it takes longer than most of its commands do, so it is loaded once and each command is a fork.
"""

import json
import os
import sys
import tempfile
import traceback

import awscli.clidriver

# Where the CLI keeps its models: it says so to itself in the environment.
DATA = os.environ["AWS_DATA_PATH"]


def run(args, cwd, env, out, err):
    """In the child: never returns."""
    code = 255
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(env, AWS_DATA_PATH=DATA)
        sys.argv = ["aws", *args]
        code = awscli.clidriver.main() or 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


for line in sys.stdin:
    call = json.loads(line)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            run(call["args"], call["cwd"], call["env"], out, err)
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        answer = {
            "code": os.waitstatus_to_exitcode(status),
            "out": out.read().decode(errors="replace"),
            "err": err.read().decode(errors="replace"),
        }
    print(json.dumps(answer), flush=True)
