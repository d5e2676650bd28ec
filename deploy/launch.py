"""Run a command as another account, or bound to the life of its parent. A script of its own, standard library only.

    python -I -S launch.py [--uid N] [--gid N] [--die-with PID] -- COMMAND...

Between fork and exec a program with threads must not run Python, so this happens in a small process that then becomes
the command. It starts with the caller's rights, since the other account may not be able to read this interpreter.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(argv: list[str]) -> None:
    """Drop to the account, ask to die with the parent, become the command."""
    split = argv.index("--")
    options = dict(zip(argv[:split:2], argv[1:split:2], strict=True))
    if "--uid" in options:
        uid = int(options["--uid"])
        os.setgroups([])
        os.setgid(int(options.get("--gid", uid)))
        os.setuid(uid)
    if "--die-with" in options:
        # After setuid, which clears it.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != int(options["--die-with"]):
            sys.exit("the parent is gone already")
    command = argv[split + 1 :]
    os.execvp(command[0], command)  # noqa: S606 - to become the command is what this is for


if __name__ == "__main__":
    main(sys.argv[1:])
