"""What is in the files, for machines: Croissant 1.0 (MLCommons, http://mlcommons.org/croissant/1.0), as JSON-LD."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from evaluation.datasets.files import sha256
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
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

ENCODINGS = {"parquet": "application/x-parquet", "jsonl": "application/jsonlines", "csv": "text/csv"}


def croissant(folder: Path, project: Project, recipe: Recipe, written: Written, shape: Shape) -> str:
    """Of the data files that are in the folder already."""
    schema = FORMATS[recipe.format].schema(shape)
    files = sorted((folder / "data").rglob("*.*"))
    about = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": project.slug,
        "description": project.description or project.name,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": recipe.license,
        "distribution": [file_object(folder, path, recipe) for path in files],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": f"{config}/{split}",
                "name": f"{config}/{split}",
                "description": f"{n} rows",
                "field": list(fields(schema, f"{config}/{split}", first_file(folder, files, config, split), recipe)),
            }
            for config, splits in written.configs.items()
            for split, n in splits.items()
        ],
    }
    return json.dumps(about, indent=2, ensure_ascii=False) + "\n"


def file_object(folder: Path, path: Path, recipe: Recipe) -> dict[str, Any]:
    name = str(path.relative_to(folder))
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": ENCODINGS[recipe.file_format],
        "sha256": sha256(path),
    }


def first_file(folder: Path, files: list[Path], config: str, split: str) -> str:
    inside = folder / "data" / ("" if config == "default" else config)
    return next(
        str(path.relative_to(folder)) for path in files if path.parent == inside and path.name.startswith(f"{split}-")
    )


def fields(schema: pa.Schema, record_set: str, file: str, recipe: Recipe) -> Iterator[dict[str, Any]]:
    for column in schema:
        by = {"jsonPath": f"$.{column.name}"} if recipe.file_format == "jsonl" else {"column": column.name}
        yield {
            "@type": "cr:Field",
            "@id": f"{record_set}/{column.name}",
            "name": column.name,
            "dataType": data_type(column.type),
            "source": {"fileObject": {"@id": file}, "extract": by},
        }


def data_type(kind: pa.DataType) -> str:
    """Lists and objects are told as the text they are in JSON."""
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    if pa.types.is_integer(kind):
        return "sc:Integer"
    return "sc:Float" if pa.types.is_floating(kind) else "sc:Text"
