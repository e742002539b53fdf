"""Text files as streams: unpacked, decoded strictly, with errors that name the row.

Text is decoded as UTF-8 (or UTF-16 where the file begins with its mark) unless told otherwise;
nothing is replaced.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from engramlab.errors import DataError, Problem
from engramlab.importers.importer import ENCODING, Options

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class _Checked(io.RawIOBase):
    """A binary stream that refuses too much data, and NUL bytes where text can have none."""

    def __init__(self, stream: IO[bytes], path: Path, most_bytes: int | None, nul: bool) -> None:
        self._stream, self._path, self._left, self._nul = stream, path, most_bytes, nul

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        if not self._nul and b"\x00" in data:
            raise DataError(
                Problem(str(self._path), "holds binary data", "a text file saved as CSV")
            )
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise too_large(self._path)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def too_large(path: Path, most_bytes: int = 256 * 2**20) -> DataError:
    """The error for a file that is larger than is read."""
    return DataError(
        Problem(
            str(path),
            f"is larger than {most_bytes // 2**20} MiB, the most that is read",
            "a file with only the rows to analyse",
        )
    )


def open_bytes(path: Path) -> IO[bytes]:
    """A file's content, unpacked where it is gzip."""
    return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


@contextmanager
def explained(path: Path, encoding: str | None = None) -> Iterator[None]:
    """Turn what can go wrong while reading text into errors that name the place."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise _not_text(path, error, encoding) from None
    except csv.Error as error:
        raise DataError(Problem(str(path), f"is not a table: {error}")) from None
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise DataError(
            Problem(str(path), f"cannot be read: {why}", "a whole file that you may read")
        ) from None


def _not_text(path: Path, error: UnicodeDecodeError, encoding: str | None) -> DataError:
    place, byte = str(path), error.start
    if error.encoding.startswith("utf-8"):  # other encodings may have line ends of two bytes
        with open_bytes(path) as stream:
            before = 0
            for number, line in enumerate(stream, 1):
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError as found:
                    place, byte = f"{path}, row {number}", before + found.start
                    break
                before += len(line)
    name = "UTF-8" if error.encoding.startswith("utf-8") else error.encoding
    return DataError(
        Problem(
            place,
            f"byte {byte} is not {name} text",
            "a text file saved as CSV in UTF-8 (a spreadsheet can export one), or its encoding: "
            f"{ENCODING.flag}",
        )
    )


def encoding_of(path: Path, options: Options) -> str:
    """How a file's text is stored: as told, else by its mark, else UTF-8.

    Raises
    ------
    DataError
        When the told encoding does not exist, or the file cannot be read.
    """
    told = options.text(ENCODING)
    if told is not None:
        try:
            return codecs.lookup(told).name
        except LookupError:
            raise DataError(
                Problem(f"--tell {ENCODING.name}={told}", "is no encoding", "cp1252, utf-16, ...")
            ) from None
    with explained(path), open_bytes(path) as stream:
        start = stream.read(4)
    return next((name for mark, name in MARKS if start.startswith(mark)), "utf-8")


def open_text(path: Path, options: Options, most_bytes: int | None = None) -> IO[str]:
    """Open a text file for reading line by line.

    Raises
    ------
    DataError
        When it is a folder, empty, larger than `most_bytes` or cannot be opened.
    """
    with explained(path):
        if path.is_dir():
            raise DataError(Problem(str(path), "is a folder", "a CSV or TSV file in it"))
        size = path.stat().st_size
        if most_bytes is not None and size > most_bytes:
            raise too_large(path, most_bytes)
        encoding = encoding_of(path, options)
        if size == 0:
            raise empty(path)
        wide = encoding.startswith(("utf-16", "utf_16", "utf-32", "utf_32"))
        raw = _Checked(open_bytes(path), path, most_bytes, nul=wide)
        return io.TextIOWrapper(io.BufferedReader(raw, 2**17), encoding, newline="")


def empty(path: Path) -> DataError:
    """The error for a file with nothing in it."""
    return DataError(Problem(str(path), "is empty", "a header line and rows of data"))
