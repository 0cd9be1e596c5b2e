"""The Compose command: found, called (`places` are those that PATH leaves out), and its output read."""
