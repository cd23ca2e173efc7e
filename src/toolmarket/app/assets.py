"""The browser application's files whose names change with their content."""

import os
from mimetypes import guess_type
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

FOR_EVER = "public, max-age=31536000, immutable"


class Assets(StaticFiles):
    """Serves such files: kept by the browser for ever, and packed where the build packed them."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file, or its packed twin where the browser takes that."""
        asked = Headers(scope=scope)
        packed = Path(f"{os.fspath(full_path)}.gz")
        small = "gzip" in asked.get("accept-encoding", "") and packed.is_file()
        headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
        if small:
            headers["Content-Encoding"] = "gzip"
        answer = FileResponse(
            packed if small else full_path,
            status_code=status_code,
            headers=headers,
            media_type=guess_type(full_path)[0],
            stat_result=packed.stat() if small else stat_result,
        )
        if self.is_not_modified(answer.headers, asked):
            return NotModifiedResponse(answer.headers)
        return answer
