"""logrotate-way.py FILE DIR: saves a file as the Python program does, where that is not at hand to compare with.

It looks whether at and logrotate answer, writes a configuration and a state of logrotate's into temporary files, and has
logrotate copy, compress, date and rotate."""
import argparse
import hashlib  # noqa: F401  (it loads these two as well)
import os
import re  # noqa: F401
import subprocess
import tempfile

CONFIGURATION = """{source} {{
    dateext
    dateformat -%Y-%m-%d-%s
    copy
    nocreate
    compress
    olddir {folder}
    rotate 14
    missingok
    notifempty
    size 0
}}
"""

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("folder")
arguments = parser.parse_args()
for check in (["at", "-l"], ["logrotate", "--help"]):
    subprocess.check_call(check, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
with tempfile.NamedTemporaryFile() as configuration, tempfile.NamedTemporaryFile() as state:
    source, folder = (os.path.abspath(path) for path in (arguments.file, arguments.folder))
    configuration.write(CONFIGURATION.format(source=source, folder=folder).encode())
    configuration.flush()
    subprocess.check_call(["logrotate", "-v", "--state", state.name, configuration.name])
