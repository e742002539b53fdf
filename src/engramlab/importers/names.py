"""Reading what a file or image name says, by a template such as ``{animal}_{region}``."""

from __future__ import annotations

import re
from pathlib import PurePath

from engramlab.errors import DataError, Problem
from engramlab.importers.importer import NAMES

ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")


class NameTemplate:
    """What the parts of names mean.

    Between two fields there has to be other text, and a field's text holds none of the template's
    signs between words (``_``, ``-``, blank, ...): so a name fits in one way only or not at all.

    Parameters
    ----------
    template : str
        For example ``{animal}_{region}``; ``{}`` is a part to ignore.
    allowed : tuple of str
        Names that a field may have.

    Raises
    ------
    DataError
        For an unknown or doubled field, or two fields with nothing between them.
    """

    def __init__(self, template: str, allowed: tuple[str, ...]) -> None:
        self.template = template
        parts = re.split(r"\{([^{}]*)\}", template)
        literals, fields = parts[::2], parts[1::2]
        self.fields = tuple(field for field in fields if field)
        unknown = [field for field in self.fields if field not in allowed]
        if unknown or not self.fields:
            raise self._wrong(
                f"unknown part '{unknown[0]}'" if unknown else "names no part",
                "parts " + ", ".join(f"{{{name}}}" for name in allowed) + " and {} to ignore one",
            )
        if len(set(self.fields)) < len(self.fields):
            raise self._wrong("names a part twice", "each part once")
        if "" in literals[1:-1]:
            raise self._wrong("has two parts with nothing between them", "{animal}_{condition}")
        signs = re.escape(
            "".join(sorted({c for text in literals for c in text if not c.isalnum()}))
        )
        value = f"[^{signs}]+" if signs else ".+"
        pattern = re.escape(literals[0])
        for field, literal in zip(fields, literals[1:], strict=True):
            pattern += (f"(?P<{field}>{value})" if field else f"(?:{value})") + re.escape(literal)
        self._pattern = re.compile(pattern)

    def _wrong(self, what: str, allowed: str) -> DataError:
        return DataError(Problem(f"--tell {NAMES.name}={self.template}", what, allowed))

    def parts(self, name: str, where: str) -> dict[str, str]:
        """Take a name apart, with or without its ending (``.tif``, ``.csv.gz``).

        Parameters
        ----------
        name : str
        where : str
            Place of the name, for messages.

        Raises
        ------
        DataError
            When it does not fit.
        """
        plain = PurePath(name.replace("\\", "/")).name
        for text in (stem(plain), plain):
            found = self._pattern.fullmatch(text)
            if found:
                return found.groupdict()
        raise DataError(
            Problem(
                where,
                f"the name '{name}' does not have the form '{self.template}'",
                "another form (--tell names=...), with {} for a part that means nothing",
            )
        )


def stem(name: str) -> str:
    """A file's name without its ending (a dot and letters), also without both of ``.csv.gz``."""
    return ENDING.sub("", name.removesuffix(".gz"))
