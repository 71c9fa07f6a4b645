#!/usr/bin/env python3
"""Reads what `make -nB` would run and writes compile_commands.json, by which editors and clang tools know the flags."""

import json
import os
import shlex
import sys

entries = []
for line in sys.stdin:
    try:
        words = shlex.split(line)
    except ValueError:
        continue  # not a command by itself
    for word in words[1:]:
        if word.endswith(".c") and ("-c" in words or "-o" in words) and os.path.isfile(word):
            entries.append({"directory": os.getcwd(), "file": word, "arguments": words})
json.dump(entries, sys.stdout, indent=1)
print()
sys.exit(0 if entries else 1)
