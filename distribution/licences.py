"""The licences of all that is linked into the engine, as one text: a table of modules, then each licence once.

A module without a licence, or with one that does not allow to hand the binary on as we do, stops the build.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from golang import BuildFault

LIST_FORMAT = (  # a replaced module is what replaces it
    "{{.ImportPath}}\t{{.Dir}}{{with .Module}}{{with .Replace}}\t{{.Path}}\t{{.Version}}\t{{.Dir}}{{else}}\t{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}"
)

FILE_NAME = re.compile(r"(licen[cs]e|copying|notice|patents|copyright)([-_.].*)?", re.IGNORECASE)
SOURCE_CODE = {".go", ".py", ".s", ".json", ".yaml", ".tmpl"}

FORBIDDEN = {
    "AGPL": r"GNU AFFERO GENERAL PUBLIC LICENSE",
    "GPL": r"GNU GENERAL PUBLIC LICENSE\s+Version",
    "LGPL": r"GNU LESSER GENERAL PUBLIC LICENSE\s+Version",
    "SSPL": r"Server Side Public License",
    "BUSL": r"Business Source License",
    "Elastic": r"Elastic License",
    "Commons-Clause": r"Commons Clause",
}
KNOWN = {
    "Apache-2.0": r"Apache License,?\s+Version 2\.0",
    "MPL-2.0": r"Mozilla Public License,? (Version|version|v\.) ?2\.0",
    "MIT": r"Permission is hereby granted, free of charge, to any person",
    "ISC": r"Permission to use, copy, modify, and(/or)? distribute this software for any",
    "BSD-3-Clause": r"Redistribution and use in source and binary forms[\s\S]*(Neither the names?|The names?) of",
    "BSD-2-Clause": r"Redistribution and use in source and binary forms",
    "Unlicense": r"free and unencumbered software released into the public domain",
    "CC0-1.0": r"CC0 1\.0 Universal",
}


class Package(NamedTuple):
    """A linked package and the module that it comes from; the standard library's have none."""

    path: str
    folder: Path
    module: str
    version: str
    root: Path


def parse_list(output: str) -> list[Package]:
    """What `go list -deps -f LIST_FORMAT` printed."""
    packages = []
    for line in output.splitlines():
        path, folder, module, version, root = [*line.split("\t"), "", "", ""][:5]
        packages.append(Package(path, Path(folder), module, version, Path(root)))
    return packages


def collect(packages: Sequence[Package], goroot: Path) -> str:
    """The text of LICENSES.txt."""
    modules = {("go (standard library)", (goroot / "VERSION").read_text().split()[0]): {goroot / "src/vendor/golang.org/x/crypto/LICENSE"}}
    for package in packages:
        if package.version:  # neither the standard library nor the engine itself
            modules.setdefault((package.module, package.version), set()).update(files_above(package))
    rows, texts = [], dict[str, tuple[int, str]]()
    for (module, version), files in sorted(modules.items()):
        contents = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(files)]
        names = sorted({name for text in contents for name in names_of(module, text)})
        if not names:
            raise BuildFault(f"{module} {version} is linked into the engine and has no licence that we know: see {package_root(packages, module)}.")
        numbers = sorted({texts.setdefault(" ".join(text.split()), (len(texts) + 1, text))[0] for text in contents})
        rows.append(f"{module} {version}  {' and '.join(names)}  [{'] ['.join(map(str, numbers))}]")
    return "\n".join([*HEADER, *rows, *bodies(texts.values())])


HEADER = [
    "gitops-engine is one binary, linked from the modules below. Each stays under its own licence, whose text follows under its number.",
    "The source of a module is what the Go module proxy gives for the version that is named.",
    "",
]


def bodies(texts: Iterable[tuple[int, str]]) -> Iterator[str]:
    """Each licence under its number."""
    for number, text in texts:
        yield f"\n{'=' * 78}\n[{number}]\n\n{text.strip()}"
    yield ""


def files_above(package: Package) -> Iterator[Path]:
    """The licence files of a package: its module's, and those of folders between, which hold code taken from elsewhere."""
    for folder in (package.folder, *package.folder.parents):
        for path in folder.iterdir():
            if FILE_NAME.fullmatch(path.name) and path.suffix not in SOURCE_CODE and path.is_file():
                yield path
        if folder == package.root:
            return


def names_of(module: str, text: str) -> Iterator[str]:
    """The SPDX identifiers of the licences that a text contains."""
    for name, pattern in FORBIDDEN.items():
        if re.search(pattern, text) and not re.search(KNOWN["MPL-2.0"], text):  # MPL 2.0 names the GPL family as secondary licences
            raise BuildFault(f"{module} is under {name}, which the engine must not link.")
    for name, pattern in KNOWN.items():
        if re.search(pattern, text) and not (name == "BSD-2-Clause" and re.search(KNOWN["BSD-3-Clause"], text)):
            yield name


def package_root(packages: Sequence[Package], module: str) -> Path:
    """Where a module lies."""
    return next(package.root for package in packages if package.module == module)
