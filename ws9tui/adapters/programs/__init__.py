"""Programs that are run where they are installed and asked for: `cosign`, and scanners for vulnerabilities."""
