"""What is in the files, for machines: Croissant 1.0 (MLCommons, http://mlcommons.org/croissant/1.0), as JSON-LD."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from evaluation.datasets.formats import FORMATS
from evaluation.datasets.formats.base import Shape
from evaluation.datasets.recipe import Recipe
from evaluation.datasets.written import Written
from labeling.projects.models import Project

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

ENCODINGS = {"parquet": "application/x-parquet", "jsonl": "application/jsonlines", "csv": "text/csv"}


def croissant(
    folder: Path, sums: Mapping[Path, str], project: Project, recipe: Recipe, written: Written, shape: Shape
) -> str:
    """Of the data files that are in the folder already; sums: SHA-256 of each file."""
    schema = FORMATS[recipe.format].schema(shape)
    files = sorted(path for path in sums if path.is_relative_to(folder / "data"))
    splits = [(config, split, n) for config, splits in written.configs.items() for split, n in splits.items()]
    sets = [file_set(config, split, recipe) for config, split, _n in splits]
    about = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": project.slug,
        "description": project.description or project.name,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": recipe.license,
        "distribution": [*(file_object(path, folder, sums[path], recipe) for path in files), *sets],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": f"{config}/{split}",
                "name": f"{config}/{split}",
                "description": f"{n} rows",
                "field": list(fields(schema, f"{config}/{split}", rows["@id"])),
            }
            for (config, split, n), rows in zip(splits, sets, strict=True)
        ],
    }
    return json.dumps(about, indent=2, ensure_ascii=False) + "\n"


def file_set(config: str, split: str, recipe: Recipe) -> dict[str, Any]:
    inside = "data" if config == "default" else f"data/{config}"
    return {
        "@type": "cr:FileSet",
        "@id": f"files/{config}/{split}",
        "name": f"files of {config}/{split}",
        "encodingFormat": ENCODINGS[recipe.file_format],
        "includes": f"{inside}/{split}-*.{recipe.file_format}",
    }


def file_object(path: Path, folder: Path, sha256: str, recipe: Recipe) -> dict[str, Any]:
    name = str(path.relative_to(folder))
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": ENCODINGS[recipe.file_format],
        "sha256": sha256,
    }


def fields(schema: pa.Schema, record_set: str, files: str) -> Iterator[dict[str, Any]]:
    for column in schema:
        source = {"fileSet": {"@id": files}, "extract": {"column": column.name}}
        yield field(f"{record_set}/{column.name}", column.name, column.type, source)


def field(place: str, name: str, kind: pa.DataType, source: dict[str, Any], path: str = "") -> dict[str, Any]:
    """path: where in the column it is."""
    about = {"@type": "cr:Field", "@id": place, "name": name}
    if pa.types.is_list(kind):
        return field(place, name, kind.value_type, source, path) | {"repeated": True}
    if pa.types.is_struct(kind):
        inside = [
            field(f"{place}/{one.name}", one.name, one.type, source, f"{path}.{one.name}".lstrip(".")) for one in kind
        ]
        return {**about, "subField": inside}
    transform = {"transform": {"jsonPath": path}} if path else {}
    return {**about, "dataType": data_type(kind), "source": source | transform}


def data_type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    if pa.types.is_integer(kind):
        return "sc:Integer"
    return "sc:Float" if pa.types.is_floating(kind) else "sc:Text"
