from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names carry a hash of the content, in the imports between our ES modules as well, so browsers keep the files."""

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "js/*.js",  # ours: what other packages import is their affair
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )
