#!/bin/sh
# Starts the Python of this folder with the C library of this folder, whatever the machine has.
folder=${0%/bin/*}
exec "$folder/@LOADER@" --argv0 "$0" --library-path "$folder/lib" "$folder/@PYTHON@" -E -s "$@"
