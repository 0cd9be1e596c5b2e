"""Image registries: asked directly, with the logins that Docker has."""
