"""Drop-in surfaces: modules that answer as the libraries that they are named after."""
