"""What the tests stand on: real engines, registries, images, projects and terminals, made and removed by the tests."""
