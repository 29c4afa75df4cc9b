"""The shapes of Second Source: what is stored, what is answered, what a model is asked for.

Imports pydantic and the standard library only. JSON Schema of the public shapes is exported to `schemas/json/`.
"""
