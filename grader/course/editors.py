"""What a new workspace holds for editors and for Git, beside the katas."""

import json
from typing import Any

TASKS: dict[str, Any] = {
    "version": "2.0.0",
    "tasks": [
        {
            "label": "kata: check this file",
            "type": "process",
            "command": "kata",
            "args": ["check", "${file}", "--format", "gcc"],
            "options": {"cwd": "${workspaceFolder}"},
            "group": {"kind": "test", "isDefault": True},
            "presentation": {"clear": True},
            "problemMatcher": {
                "owner": "kata",
                "source": "kata",
                "fileLocation": ["autoDetect", "${workspaceFolder}"],
                "pattern": {
                    "regexp": "^(.+?):(\\d+):(\\d+): (error|warning|note): (.*)$",
                    "file": 1,
                    "line": 2,
                    "column": 3,
                    "severity": 4,
                    "message": 5,
                },
            },
        },
    ],
}
"""Tasks of VS Code: the check of the open file, whose problems stand beside their lines."""

FILES = {
    ".vscode/tasks.json": json.dumps(TASKS, indent=2) + "\n",
    ".gitignore": "# Progress, and what Python and Jupyter leave behind.\n"
    ".kata/\n__pycache__/\n.ipynb_checkpoints/\n",
}
"""For each path in the workspace, the text of the file."""
