"""The command group: finds the commands and turns errors into messages and exit codes."""

from __future__ import annotations

import errno
import signal
import sys
import threading
import traceback
import warnings
from _thread import interrupt_main
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pkgutil import iter_modules
from threading import Timer
from typing import Any

import click

from engramlab import cli
from engramlab.errors import EngramlabError
from engramlab.garbage import look_seldom

EXIT_INPUT = 2  # the user's input or machine; also click's code for a wrong option
EXIT_BUG = 70  # EX_SOFTWARE of sysexits.h
EXIT_INTERRUPTED = 130  # 128 + SIGINT
AGAIN_SECONDS = 0.05


class CommandLine(click.Group):
    """A group whose commands are the modules of this folder, each with a `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, in alphabetical order."""
        modules = (info.name for info in iter_modules(cli.__path__))
        return sorted(name.replace("_", "-") for name in modules if not name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command's module."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"{cli.__name__}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        command.name = cmd_name  # each module calls its own "command"
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error becomes a message on standard error and an exit code."""
        look_seldom()
        with warnings.catch_warnings(), _ctrl_c_never_lost():
            warnings.showwarning = _show_warning
            try:
                return super().invoke(ctx)
            except EngramlabError as error:
                say(f"error: {_with_notes(error)}")
                code = EXIT_INPUT
            except KeyboardInterrupt as error:
                code = _interrupted(error)
            except MemoryError:
                say(
                    "error: not enough memory\n    allowed: fewer animals (--animals) or workers "
                    "(--workers)"
                )
                code = EXIT_INPUT
            except (click.exceptions.Exit, click.ClickException, click.Abort):
                raise
            except OSError as error:
                if error.errno == errno.EPIPE:  # the reader of our output left: click's matter
                    raise
                code = _unexpected(error, ctx)
            except Exception as error:
                code = _unexpected(error, ctx)
        ctx.exit(code)


def say(text: str) -> None:
    """Write a message for people: on standard error, so that standard output stays data."""
    click.echo(f"engramlab: {text}", err=True)


def _with_notes(error: BaseException, text: str = "") -> str:
    return "\n".join([text or str(error), *getattr(error, "__notes__", [])]).lstrip("\n")


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    say(f"warning: {message}")


def _interrupted(error: BaseException) -> int:
    say(_with_notes(error, "interrupted"))
    return EXIT_INTERRUPTED


def _came_of_ctrl_c(error: BaseException | None) -> bool:
    """Whether a library was interrupted and met an error of its own on its way out."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


@contextmanager
def _ctrl_c_never_lost() -> Iterator[None]:
    """Have a Ctrl-C that fell into a destructor, where Python drops it, come once more."""
    drop = sys.unraisablehook

    def again(lost: sys.UnraisableHookArgs) -> None:
        if not issubclass(lost.exc_type, KeyboardInterrupt):
            drop(lost)
        elif hasattr(signal, "pthread_kill"):  # it wakes up what waits
            main_thread = threading.main_thread().ident
            Timer(AGAIN_SECONDS, signal.pthread_kill, (main_thread, signal.SIGINT)).start()
        else:
            Timer(AGAIN_SECONDS, interrupt_main).start()

    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = drop


def _unexpected(error: Exception, ctx: click.Context) -> int:
    if _came_of_ctrl_c(error):
        return _interrupted(error)
    say(f"internal error: {type(error).__name__}: {_with_notes(error)}")
    if ctx.params.get("debug"):
        traceback.print_exception(error, file=sys.stderr)
    else:
        say("this is a fault of engramlab. Please report it with what 'engramlab --debug' prints")
    return EXIT_BUG


@click.group(
    cls=CommandLine,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with:  engramlab run contextual-fear",
)
@click.option("--debug", is_flag=True, help="On an internal error, print the traceback.")
@click.version_option(package_name="engramlab")
def main(debug: bool) -> None:
    """Experiment on memory engrams in silico.

    A protocol goes in; a cohort of virtual animals runs it; what a bench scientist would have
    measured comes out. The same measures run on real data.
    """
