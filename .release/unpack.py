"""Unpacks the rest of the program from its file, and removes folders of earlier ones that are not used any more."""

import fcntl
import os
import shutil
import sys
import tarfile
import time

file, offset, new, final = sys.argv[1:]
hour_ago = time.time() - 3600
with open(file, "rb") as packed:
    packed.seek(int(offset))
    with tarfile.open(fileobj=packed, mode="r|gz") as archive:
        archive.extractall(new)
# nothing is imported from here on: the archive of the first modules is replaced by that of all
os.replace(new + "/lib/modules.zip", "{}/lib/python{}{}.zip".format(new, *sys.version_info))
try:
    os.rename(new, final)
except OSError:
    if not os.path.isdir(final):
        raise
    shutil.rmtree(new)
place = os.path.dirname(final)
for name in os.listdir(place):
    other = os.path.join(place, name)
    if other == final or os.path.islink(other) or os.stat(other).st_mtime > hour_ago:
        continue
    try:
        used = open(other + "/in-use", "rb")
    except OSError:
        shutil.rmtree(other, ignore_errors=True)
        continue
    with used:
        try:
            fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        if os.fstat(used.fileno()).st_mtime < hour_ago:
            shutil.rmtree(other, ignore_errors=True)
